import Foundation
import Outboard
import Processes

/// Looks which services should run: those that were there at the start, those whose folder and program have appeared
/// since, and what `outboard load`, `unload` and `scale` say.
struct ServiceWatch: Sendable {
    private static let pace = Duration.milliseconds(500)

    let plan: UpPlan
    /// Where new services may appear; nil where the services were named one by one.
    let servicesFolder: String?
    let board: ServiceBoard

    /// Returns the children as soon as they are not `present` any more.
    func next(after present: [Child]) async throws -> [Child] {
        while true {
            // No portable way tells that a folder has changed.
            try await Task.sleep(for: Self.pace)
            let children = children
            if children != present { return children }
        }
    }

    /// The children as they should be now.
    var children: [Child] {
        [plan.core]
            + services.sorted { $0.key < $1.key }.flatMap { name, service in plan.children(of: name, service) }
    }

    /// Says what should run now, for whoever asks the core.
    ///
    /// - Throws: `ServiceBoard.Failure`.
    func note() throws(ServiceBoard.Failure) {
        try board.note(ServiceBoard.Running(programs: plan.programs.absoluteURL.path, services: services))
    }

    private var services: [String: WantedService] {
        var services: [String: WantedService] = [:]
        for replica in plan.replicas {
            services[replica.service, default: WantedService(replicas: 0)].replicas += 1
        }
        for name in plan.unloaded { services[name] = WantedService(replicas: 0) }
        let folders = servicesFolder.map(ServiceFolders.names(in:)) ?? []
        // One that is still to be built comes when its program does.
        for name in folders where services[name] == nil && plan.hasProgram(name) {
            services[name] = WantedService(replicas: 1)
        }
        return services.merging(board.wantedServices()) { $1 }
    }
}
