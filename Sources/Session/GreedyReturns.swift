import Engine

/// How well a network plays without exploring: the mean return over some episodes.
public struct GreedyReturns: Sendable, Hashable {
    /// With the present weights.
    public var last: Double
    /// With those of the best mean return in training; nil: there are none yet.
    public var best: Double?
    public var episodes: Int

    public var json: JSON {
        .object([
            JSON.Member("last", .number(last)), JSON.Member("best", best.map { .number($0) } ?? .null),
            JSON.Member("episodes", .number(Double(episodes))),
        ])
    }

    /// "played without exploring: return 498.2 over 100 episodes, with the best weights 500".
    public var words: String {
        func number(_ value: Double) -> String { formatNumber(value, digits: 4) }
        return "played without exploring: return \(number(last)) over \(plural(episodes, "episode"))"
            + (best.map { ", with the best weights \(number($0))" } ?? "")
    }
}

extension Trainer {
    /// Plays the game of training from other beginnings than training's.
    /// - Returns: nil: there is no game, or the weights are not finite.
    public func greedyReturns(episodes: Int = 100) -> GreedyReturns? {
        guard let report = procedure.gameReport, procedure.divergence == nil, let choice = data.schema.environment
        else { return nil }
        func played(_ parameters: [Float]) -> Double? {
            guard let game = try? Game(choice),
                let player = try? GreedyPlayer(network, game, seed: experiment.seed &+ 1_000_003)
            else { return nil }
            player.load(parameters: parameters)
            return player.meanReturn(episodes: episodes)
        }
        guard let last = played(procedure.parameters) else { return nil }
        return GreedyReturns(last: last, best: report.bestParameters.flatMap(played), episodes: episodes)
    }
}
