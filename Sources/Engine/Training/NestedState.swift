/// Whole numbers in `parts`, which holds floats: each as four of 16 bits, the lowest first, that a file keeps them exactly.
extension TrainingState {
    static func floats(_ words: [UInt64]) -> [Float] {
        words.flatMap { word in (0..<4).map { Float(word >> (16 * UInt64($0)) & 0xFFFF) } }
    }

    /// nil: these are no such numbers.
    static func words(_ floats: [Float]?) -> [UInt64]? {
        guard let floats, floats.count % 4 == 0 else { return nil }
        var words: [UInt64] = []
        for first in stride(from: 0, to: floats.count, by: 4) {
            var word: UInt64 = 0
            for part in 0..<4 {
                guard let digits = UInt64(exactly: floats[first + part]), digits <= 0xFFFF else { return nil }
                word |= digits << (16 * UInt64(part))
            }
            words.append(word)
        }
        return words
    }
}

/// The states of further models in the state of a procedure.
extension TrainingState {
    /// Keeps another state, with all that is in it, in `parts` under a name.
    public mutating func nest(_ other: TrainingState, as name: String) {
        func keep(_ part: String, _ values: [Float]) { if !values.isEmpty { parts["\(name).\(part)"] = values } }
        keep("parameters", other.parameters)
        for slot in other.slots { keep("slot.\(slot.name)", slot.values) }
        let counts = [other.step, other.epoch, other.position, other.carriedCount]
        keep("counts", Self.floats(counts.map { UInt64($0) }))
        keep("carried", other.carried)
        keep("order", Self.floats(other.order.map { UInt64($0) }))
        for state in other.states { keep("state.\(state.name)", [Float(state.units)] + state.values) }
        for (generator, words) in other.generators { keep("generator.\(generator)", Self.floats(words)) }
        for (part, values) in other.parts { keep("part.\(part)", values) }
    }

    /// A state that `nest` has kept; nil: there is none of this name, or a part of it is mistaken.
    public func nested(_ name: String) -> TrainingState? {
        guard let parameters = parts["\(name).parameters"], let counts = Self.words(parts["\(name).counts"]),
            counts.count == 4, counts.allSatisfy({ $0 <= UInt64(Self.counts.upperBound) })
        else { return nil }
        var state = TrainingState(
            parameters: parameters, slots: [], step: Int(counts[0]), epoch: Int(counts[1]), position: Int(counts[2]),
            carried: parts["\(name).carried"] ?? [], carriedCount: Int(counts[3]))
        if let order = parts["\(name).order"] {
            guard let words = Self.words(order) else { return nil }
            let rows = words.compactMap { Int32(exactly: $0) }
            guard rows.count == words.count else { return nil }
            state.order = rows
        }
        func each(_ kind: String, _ take: (String, [Float]) -> Void) {
            let prefix = "\(name).\(kind)."
            for (key, values) in parts.sorted(by: { $0.key < $1.key }) where key.hasPrefix(prefix) {
                take(String(key.dropFirst(prefix.count)), values)
            }
        }
        each("slot") { state.slots.append(Slot(name: $0, values: $1)) }
        each("state") { name, values in
            guard let units = values.first.flatMap({ Int(exactly: $0) }) else { return }
            state.states.append(CarriedState(name: name, units: units, values: Array(values.dropFirst())))
        }
        each("generator") { name, values in if let words = Self.words(values) { state.generators[name] = words } }
        each("part") { state.parts[$0] = $1 }
        return state
    }
}
