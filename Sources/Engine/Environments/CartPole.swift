#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A pole stands on a cart, which is pushed to the left or to the right.
struct CartPole: Environment {
    static let entry = Entry(
        id: "cartPole", title: "cart-pole",
        summary:
            "A pole stands on a cart, which is pushed to the left or the right at every step so that it does not fall.",
        formula: "θ″ = (g sin θ − cos θ · q) / (l · (4/3 − m cos²θ / M)),  q = (F + m l θ′² sin θ) / M,  Euler, 0.02 s",
        source: "Barto, Sutton and Anderson, 1983, with the constants of Gymnasium's CartPole-v1",
        watch:
            "The return is the number of steps that the pole stood. It may fall again after a good time: new experience replaces old.",
        knobs: [
            Knob(
                "gravity", title: "gravity", symbol: "g", summary: "The gravity in metres per second squared.",
                kind: .real(0...100, steps: [1.6, 3.7, 9.8, 24.8]), default: .real(9.8),
                raise: "for a task in which the pole falls faster",
                lower: "for one in which it falls slowly, as on the moon: 1.6"),
            Knob(
                "poleLength", title: "half the pole", symbol: "l", summary: "Half the pole's length in metres.",
                kind: .real(0.05...5, steps: [0.1, 0.25, 0.5, 1, 2]), default: .real(0.5),
                raise: "for a pole that falls slowly and is easy to hold", lower: "for one that falls quickly"),
            Knob(
                "force", title: "force", symbol: "F", summary: "The force of a push in newtons.",
                kind: .real(0.1...100, steps: [2, 5, 10, 20, 50]), default: .real(10),
                raise: "when pushes are too weak to catch the pole", lower: "when each push throws it to the other side"
            ),
            Knob(
                "limit", title: "steps at most", summary: "The steps after which an episode is cut.",
                kind: .integer(1...10_000), default: .integer(500), raise: "to ask for longer balance",
                lower: "to see more episodes in the same time"),
        ])
    static let movesPerSecond = 25.0

    let actions = ["left", "right"]
    let shape = Shape(4)
    let inputs = ["place", "speed", "angle", "turning"]
    private let gravity: Double
    private let length: Double
    private let force: Double
    private let limit: Int
    private static let (cartMass, poleMass, seconds) = (1.0, 0.1, 0.02)
    /// The episode is over beyond these: metres, and 12 degrees as Gymnasium computes them.
    private static let (mostPlace, mostAngle) = (2.4, 12 * 2 * Double.pi / 360)

    /// The cart's place and speed, the pole's angle and speed.
    private(set) var state = SIMD4<Double>()
    private var steps = 0

    init(_ settings: Settings) {
        gravity = settings.real("gravity")
        length = settings.real("poleLength")
        force = settings.real("force")
        limit = settings.integer("limit")
    }

    mutating func reset(_ random: inout Random) {
        for index in 0..<4 { state[index] = random.uniform(-0.05, 0.05) }
        steps = 0
    }

    mutating func move(_ action: Int, _ random: inout Random) -> Move {
        let (x, speed, angle, turning) = (state[0], state[1], state[2], state[3])
        let (cosine, sine) = (cos(angle), sin(angle))
        let force = action == 1 ? force : -force
        let mass = Self.cartMass + Self.poleMass
        let moment = Self.poleMass * length
        let push = (force + moment * (turning * turning) * sine) / mass
        let turn = (gravity * sine - cosine * push) / (length * (4.0 / 3.0 - Self.poleMass * (cosine * cosine) / mass))
        let speeding = push - moment * turn * cosine / mass
        state = SIMD4(
            x + Self.seconds * speed, speed + Self.seconds * speeding, angle + Self.seconds * turning,
            turning + Self.seconds * turn)
        steps += 1
        let isOver = abs(state[0]) > Self.mostPlace || abs(state[2]) > Self.mostAngle
        return Move(reward: 1, isOver: isOver, isCut: steps >= limit)
    }

    func observe(into values: UnsafeMutableBufferPointer<Float>) {
        for index in 0..<4 { values[index] = Float(state[index]) }
    }

    var words: [UInt64] { (0..<4).map { state[$0].bitPattern } + [UInt64(steps)] }

    mutating func restore(_ words: [UInt64]) -> Bool {
        guard words.count == 5, words[4] <= UInt64(limit) else { return false }
        let numbers = words.prefix(4).map { Double(bitPattern: $0) }
        guard numbers.allSatisfy(\.isFinite) else { return false }
        (state, steps) = (SIMD4(numbers[0], numbers[1], numbers[2], numbers[3]), Int(words[4]))
        return true
    }

    var picture: GamePicture {
        // 4.8 metres across, and 1.6 metres up: the pole is drawn as long as it is.
        let (width, height, ground) = (4.8, 1.6, 0.85)
        func place(_ x: Double, _ y: Double) -> SIMD2<Float> {
            SIMD2(Float(0.5 + x / width), Float(ground - y / height))
        }
        func line(
            _ from: SIMD2<Float>, _ to: SIMD2<Float>, _ mark: GamePicture.Mark, _ metres: Double
        ) -> GamePicture.Line {
            GamePicture.Line(from: from, to: to, mark: mark, thickness: Float(metres / height))
        }
        let (x, angle, top) = (state[0], state[2], 0.2)
        let tip = place(x + 2 * length * sin(angle), top + 2 * length * cos(angle))
        let lines = [
            line(place(-2.4, -0.06), place(2.4, -0.06), .wall, 0.03),
            // The cart's ends are round: they reach as far as the cart is wide.
            line(place(x - 0.15, 0.1), place(x + 0.15, 0.1), .player, 0.2),
            line(place(x, top), tip, .goal, 0.06),
            line(place(x, top), place(x, top), .trail, 0.1),
        ]
        return GamePicture(lines: lines, aspect: Float(width / height))
    }
}
