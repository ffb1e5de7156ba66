import HTTPTypes
package import Hummingbird

/// Turns Hummingbird's own errors (no such route, a parameter missing) into problem documents.
package struct ProblemResponses<Context: RequestContext>: RouterMiddleware {
    package init() {}

    package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError {
            let missing = "There is nothing at \(request.uri.path) for \(request.method.rawValue)."
            let detail = error.body ?? (error.status == .notFound ? missing : error.status.reasonPhrase)
            return Problem(status: error.status, detail: detail, headers: error.headers).response()
        }
    }
}
