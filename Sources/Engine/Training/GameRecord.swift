/// How the episodes of a game have gone so far.
public struct GameRecord: Sendable, Hashable {
    /// An episode, or the last of as many as `spacing`.
    public struct Point: Sendable, Hashable {
        /// From 1.
        public var episode: Int
        /// The sum of its rewards, undiscounted.
        public var episodeReturn: Float
        /// The mean over the last `window` episodes up to it.
        public var mean: Float
    }

    /// Episodes of the running mean.
    public static let window = 100
    /// Episodes of the mean that is the best: fewer go well by chance, and over more the weights have long changed.
    public static let bestWindow = 20
    private static let capacity = 2048

    public private(set) var episodes = 0
    public private(set) var points: [Point] = []
    /// Episodes from one point to the next.
    public private(set) var spacing = 1
    /// The returns of the last `window` episodes, the oldest first.
    public private(set) var latest: [Double] = []
    /// The largest mean over `bestWindow` episodes so far, and the episode after which it was reached.
    public private(set) var best: Double?
    public private(set) var bestEpisode = 0

    public init() {}

    /// Of the last `window` episodes, or as many as there are; nil: none is over.
    public var mean: Double? { latest.isEmpty ? nil : latest.reduce(0, +) / Double(latest.count) }

    /// Notes an episode.
    /// - Returns: whether the mean over the last `bestWindow` is better than ever.
    mutating func append(_ episodeReturn: Double) -> Bool {
        episodes += 1
        if latest.count == Self.window { latest.removeFirst() }
        latest.append(episodeReturn)
        let mean = mean!
        if episodes % spacing == 0 {
            if points.count == Self.capacity {
                points = stride(from: 1, to: points.count, by: 2).map { points[$0] }
                spacing *= 2
            }
            if episodes % spacing == 0 {
                points.append(Point(episode: episodes, episodeReturn: Float(episodeReturn), mean: Float(mean)))
            }
        }
        guard latest.count >= Self.bestWindow else { return false }
        let recent = latest.suffix(Self.bestWindow).reduce(0, +) / Double(Self.bestWindow)
        guard recent > best ?? -.infinity else { return false }
        (best, bestEpisode) = (recent, episodes)
        return true
    }

    // MARK: - State

    /// All of it in numbers that a checkpoint keeps exactly.
    var words: [UInt64] {
        [UInt64(episodes), UInt64(spacing), best.map { $0.bitPattern } ?? Double.nan.bitPattern, UInt64(bestEpisode)]
            + [UInt64(latest.count)] + latest.map(\.bitPattern)
            + points.flatMap {
                [UInt64($0.episode), UInt64($0.episodeReturn.bitPattern), UInt64($0.mean.bitPattern)]
            }
    }

    /// - Returns: nil: the words are no record.
    init?(_ words: [UInt64]) {
        let most = UInt64(TrainingState.counts.upperBound)
        guard words.count >= 5, words[0] <= most, (1...most).contains(words[1]), words[3] <= words[0],
            words[4] <= UInt64(Self.window), words.count >= 5 + Int(words[4]),
            (words.count - 5 - Int(words[4])) % 3 == 0
        else { return nil }
        let first = 5 + Int(words[4])
        (episodes, spacing, bestEpisode) = (Int(words[0]), Int(words[1]), Int(words[3]))
        let best = Double(bitPattern: words[2])
        self.best = best.isNaN ? nil : best
        latest = words[5..<first].map { Double(bitPattern: $0) }
        for place in stride(from: first, to: words.count, by: 3) {
            guard words[place] <= words[0], let value = UInt32(exactly: words[place + 1]),
                let mean = UInt32(exactly: words[place + 2])
            else { return nil }
            points.append(
                Point(
                    episode: Int(words[place]), episodeReturn: Float(bitPattern: value), mean: Float(bitPattern: mean)))
        }
        guard points.count <= Self.capacity, (latest + points.map { Double($0.mean) }).allSatisfy(\.isFinite) else {
            return nil
        }
    }
}

/// A game in training as the screen draws it.
public struct GameReport: Sendable {
    public var record: GameRecord
    /// The game as it stands in training.
    public var game: Game
    /// The sum of the present episode's rewards.
    public var episodeReturn: Double
    /// The chance of a random action, or of another than the likeliest one; nil: it is not known yet.
    public var exploration: Double?
    /// How much the next reward counts beside the present one.
    public var gamma: Double
    /// The meaning of the network's outputs, one for each action.
    public var answers: Answers
    /// The parameters with which `record.best` was reached; nil: none yet.
    public var bestParameters: [Float]?
    /// nil: the procedure has no replay memory.
    public var memory: MemoryReport?
    /// nil: the procedure learns from a memory, or there was no update yet.
    public var policyUpdate: PolicyUpdate?

    public enum Answers: Sendable, Hashable {
        /// The sum of the discounted rewards that are expected after each action.
        case worths
        /// The chance with which each action is taken.
        case chances
    }
}

/// The last update of a policy from whole episodes, summed up.
public struct PolicyUpdate: Sendable, Hashable {
    public var episodes: Int
    /// Of the returns G of all its steps. The mean is the baseline.
    public var mean: Double
    public var deviation: Double
    public var hasBaseline: Bool
    /// The steps at which each action was taken.
    public var actions: [Int]
    /// Steps by their advantage A, in `bins` bins from −largest to largest.
    public var advantages: [Int]
    public var largest: Float
    /// The mean over its steps, in nats.
    public var entropy: Double

    public var steps: Int { actions.reduce(0, +) }
    static let bins = 24

    init(_ rollout: Rollout, gamma: Float, hasBaseline: Bool, advantages: [Float], actions: Int, entropy: Double) {
        let returns = rollout.returns(gamma: gamma)
        (mean, deviation) = Rollout.moments(returns)
        (episodes, self.hasBaseline, self.entropy) = (rollout.episodes, hasBaseline, entropy)
        self.actions = (0..<actions).map { action in rollout.actions.count { $0 == action } }
        let largest = advantages.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : $0 }
        var counts = [Int](repeating: 0, count: Self.bins)
        for advantage in advantages where advantage.isFinite && largest > 0 {
            let place = (advantage / largest + 1) / 2 * Float(Self.bins)
            counts[min(Self.bins - 1, max(0, Int(place)))] += 1
        }
        (self.advantages, self.largest) = (counts, largest)
    }
}

/// The contents of a replay memory, summed up.
public struct MemoryReport: Sendable, Hashable {
    public var count: Int
    public var capacity: Int
    /// The steps that the numbers below are of: all, or of very many some.
    public var looked: Int
    /// Steps that ended an episode.
    public var ends: Int
    /// The commonest rewards with their numbers of steps, ascending by reward, at most `mostRewards`.
    public var rewards: [RewardCount]
    /// Steps by the size of their last TD error, in `errorBins` bins from 0 to `largestError`.
    public var errors: [Int]
    public var largestError: Float
    /// At most `mostStates` of the states at even distances, row by row.
    public var states: [Float] = []

    public struct RewardCount: Sendable, Hashable {
        public var reward: Float
        public var count: Int
    }
    static let mostRewards = 6
    static let errorBins = 24
    static let mostStates = 400
}

extension Metric {
    static let episodeReturn = Metric(
        "return", title: "return",
        summary: "The mean over the last 100 episodes of the sum of an episode's rewards.",
        formula: "1/100 · Σ over episodes of Σ r", source: "Sutton and Barto, Reinforcement learning, 2018",
        watch: "It falls again after good times: new experience replaces old. The best weights are kept.",
        isLowerBetter: false,
        plot: .score)
    static let bestReturn = Metric(
        "bestReturn", title: "best return",
        summary: "The largest mean return over 20 episodes so far, whose weights are kept.",
        formula: "max of the mean over 20 episodes", source: "Sutton and Barto, Reinforcement learning, 2018",
        watch: "A lucky row of 20 episodes can be above what the network reaches on the whole.",
        isLowerBetter: false)
    static let episodes = Metric(
        "episodes", title: "episodes", summary: "The number of episodes that are over.",
        formula: "number of episodes that are over", source: "Sutton and Barto, Reinforcement learning, 2018",
        watch: "Few long episodes can be more steps than many short ones.", format: .count,
        isLowerBetter: false)
    static let exploration = Metric(
        "exploration", title: "exploration",
        summary: "The chance that an action is drawn at random, or that it is another than the likeliest one, 0 to 1.",
        formula: "p(random action), or 1 − max π(a|s)", source: "Sutton and Barto, Reinforcement learning, 2018",
        watch: "The return in play is lower than without it as long as it is high.",
        format: .percent)

    /// The quantities of a network that learns by playing.
    static let games =
        supervised.filter { $0.plot == .loss && $0.set == .train } + [
            episodeReturn, bestReturn, episodes, exploration,
        ]
}

extension Evaluation {
    /// - Parameter loss: the mean over the last updates; nil: there was none.
    init(_ record: GameRecord, loss: Double?, exploration: Double?) {
        self.init(Metric.games, [loss, record.mean, record.best, Double(record.episodes), exploration])
    }
}
