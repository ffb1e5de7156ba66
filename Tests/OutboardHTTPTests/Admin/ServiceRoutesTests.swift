import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Outboard
import OutboardRedis
import Processes
import Testing

@testable import OutboardHTTP

/// `/api/services` on a board in a folder of the test's own; no Redis, no `outboard up`.
@Suite("Services by the admin API", .timeLimit(.minutes(1)))
struct ServiceRoutesTests {
    private static let token = "0123456789abcdef"

    private struct API: Sendable {
        let client: any TestClientProtocol
        let folder: URL
        let board: ServiceBoard
        let document: JSONValue

        /// Puts a program beside `outboard`.
        func place(_ name: String) throws {
            let program = folder.appending(path: name)
            try Data("#!/bin/sh\n".utf8).write(to: program)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
        }

        func get() async throws -> TestResponse {
            let response = try await client.execute(uri: "/api/services", method: .get)
            let get = try #require(document.members["paths"]?.members["/api/services"]?.members["get"])
            try OpenAPISchema(document).check(response, as: get, path: "GET /api/services")
            return response
        }

        func put(
            _ name: String, _ body: String, token: String? = ServiceRoutesTests.token, type: String = "application/json"
        ) async throws -> (status: Int, text: String) {
            var headers: HTTPFields = [.contentType: type]
            if let token { headers[.authorization] = "Bearer \(token)" }
            let response = try await client.execute(
                uri: "/api/services/\(name)", method: .put, headers: headers, body: ByteBuffer(string: body))
            let put = try #require(document.members["paths"]?.members["/api/services/{name}"]?.members["put"])
            try OpenAPISchema(document).check(response, as: put, path: "PUT /api/services/\(name)")
            return (response.status.code, String(buffer: response.body))
        }
    }

    private func withAPI(
        token: String? = Self.token, isUp: Bool = true, redisIsDown: Bool = false,
        _ body: @escaping @Sendable (API) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "board-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: folder) }
        let board = ServiceBoard(dataFolder: folder)
        try board.clear()
        try board.note(
            .init(
                programs: folder.path,
                services: ["echo": WantedService(replicas: 1), "own": WantedService(program: "/opt/own", replicas: 1)]))
        let site = AdminSite(
            .init(
                version: "1.0.0", isServing: { true }, requests: { EventRecorder.Counts() },
                bus: { BusStatistics(accepted: 0, acknowledged: 0, dropped: 0, buffered: 0, connected: true) },
                directory: StubDirectory(isDown: redisIsDown, others: ["outboard-core"]),
                token: token.map(AdminToken.init),
                services: isUp ? board : nil))
        let document = try #require(JSONValue(text: String(decoding: PackageResources.openapi_json, as: UTF8.self)))
        try await Application(router: site.router()).test(.live) { client in
            try await body(API(client: client, folder: folder, board: board, document: document))
        }
    }

    @Test("a number of replicas is written where outboard load writes it, and shown beside what lives")
    func scales() async throws {
        try await withAPI { api in
            let scaled = try await api.put("echo", #"{"replicas":3}"#)
            #expect(scaled.status == 202)
            #expect(JSONValue(text: scaled.text) == JSONValue(text: #"{"name":"echo","wanted":3,"live":0}"#))
            #expect(try await api.put("own", #"{"replicas":0}"#).status == 202)
            #expect(
                api.board.wantedServices() == [
                    "echo": WantedService(replicas: 3), "own": WantedService(program: "/opt/own", replicas: 0),
                ])
            // The path it was loaded from is still known when it comes again.
            #expect(try await api.put("own", #"{"replicas":2}"#).status == 202)
            #expect(api.board.wantedServices()["own"] == WantedService(program: "/opt/own", replicas: 2))
            let shown = String(buffer: try await api.get().body)
            #expect(
                JSONValue(text: shown)
                    == JSONValue(
                        text: #"""
                            {"services":[{"name":"echo","wanted":3,"live":0},{"name":"own","wanted":2,"live":0}]}
                            """#))
        }
    }

    @Test("a plugin that has registered is loaded where its program lies beside outboard; what is unknown is not")
    func unknown() async throws {
        try await withAPI { api in
            #expect(try await api.put("counter", #"{"replicas":1}"#).status == 404)
            // Whoever can write to Redis can register any name.
            try api.place("outboard-core")
            for name in ["nobody", "No-Name", "..%2Fecho", "%2e%2e", "outboard-core", "sh"] {
                #expect(try await api.put(name, #"{"replicas":1}"#).status == 404, "\(name)")
            }
            try api.place("counter")
            let loaded = try await api.put("counter", #"{"replicas":1}"#)
            #expect(loaded.status == 202)
            #expect(JSONValue(text: loaded.text) == JSONValue(text: #"{"name":"counter","wanted":1,"live":2}"#))
            #expect(api.board.wantedServices() == ["counter": WantedService(replicas: 1)])
        }
    }

    @Test("nothing but a number is taken, above all no program")
    func refuses() async throws {
        try await withAPI { api in
            for (body, status, words) in [
                (#"{"replicas":1,"program":"/bin/sh"}"#, 400, "'program' cannot be changed here"),
                ("{}", 400, "replicas"),
                ("[", 400, "cannot be read"), (#"{"replicas":"two"}"#, 400, "replicas"),
                (#"{"replicas":1.5}"#, 400, "cannot be read"),
                (#"{"replicas":100}"#, 422, "is no number from 0 to 99"), (#"{"replicas":-1}"#, 422, "0 to 99"),
            ] {
                let answer = try await api.put("echo", body)
                #expect(answer.status == status && answer.text.contains(words), "\(body): \(answer)")
            }
            #expect(try await api.put("echo", #"{"replicas":1}"#, type: "text/plain").status == 415)
            let large = #"{"replicas":1"# + String(repeating: " ", count: 5_000) + "}"
            #expect(try await api.put("echo", large).status == 413)
            #expect(api.board.wantedServices().isEmpty)
        }
    }

    @Test("a change needs the token, and a core without one takes none")
    func token() async throws {
        try await withAPI { api in
            for token in [nil, "0123456789abcdeX"] {
                let answer = try await api.put("echo", #"{"replicas":1}"#, token: token)
                #expect(answer.status == 401)
            }
            #expect(api.board.wantedServices().isEmpty)
        }
        try await withAPI(token: nil) { api in
            let answer = try await api.put("echo", #"{"replicas":1}"#)
            #expect(answer.status == 403 && answer.text.contains("OUTBOARD_ADMIN_TOKEN"))
            #expect(api.board.wantedServices().isEmpty)
        }
    }

    @Test("a core that outboard up did not start says where to scale instead")
    func elsewhere() async throws {
        try await withAPI(isUp: false) { api in
            let put = try await api.put("echo", #"{"replicas":1}"#)
            #expect(put.status == 409 && put.text.contains("docker compose up -d --scale NAME=N"))
            let get = try await api.get()
            #expect(get.status == .conflict && String(buffer: get.body).contains("was not started by 'outboard up'"))
        }
    }

    @Test("a folder that cannot be written is named, with what to do; without Redis nobody says what lives")
    func failures() async throws {
        try await withAPI { api in
            try FileManager.default.removeItem(at: api.folder.appending(path: "wanted"))
            let answer = try await api.put("echo", #"{"replicas":2}"#)
            #expect(answer.status == 500)
            #expect(answer.text.contains("\(api.folder.path)/wanted: cannot be written (No such file or directory)"))
            #expect(answer.text.contains("make room or let this user write there"))
        }
        try await withAPI(redisIsDown: true) { api in
            let answer = try await api.put("echo", #"{"replicas":2}"#)
            #expect(answer.status == 503)
            #expect(try await api.get().status == .serviceUnavailable)
            #expect(api.board.wantedServices().isEmpty)
        }
    }
}
