import ArgumentParser
import Outboard
import RedisClient

/// Turns what a command throws into a message on standard error and an exit code: 64 for bad usage, 69 where Redis cannot
/// be asked.
enum CommandFailure {
    static func explained<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
        do {
            return try await body()
        } catch let error as SettingsError {
            throw exit("\(error)", code: 64)
        } catch let error as UnknownPlugin {
            throw exit("\(error)", code: 64)
        } catch let error as RedisError {
            throw exit(explanation(of: error), code: 69)
        }
    }

    /// Writes why the command ends.
    static func exit(_ text: String, code: Int32) -> ExitCode {
        Console().fail(Printable.text(text))
        return ExitCode(code)
    }

    static func explanation(of error: RedisError) -> String {
        let mend =
            error.serverCode == "NOPERM"
            ? "; this user is not allowed to, grant it with ACL SETUSER or use another user in the URL" : ""
        return "Redis cannot be asked: \(error)\(mend)"
    }
}
