/// FNV-1a, 64 bits: the same for the same bytes on every machine and in every run, unlike Swift's own hashes.
/// - Parameter start: the hash of what came before.
public func stableHash(_ bytes: some Sequence<UInt8>, after start: UInt64 = 0xCBF2_9CE4_8422_2325) -> UInt64 {
    bytes.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
