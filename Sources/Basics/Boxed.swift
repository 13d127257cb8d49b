/// A large value behind a reference: copies of what holds it share the value until one of them changes it.
///
/// The compiler writes out how a type is copied, member by member, in every type that holds it. Of the screen's state and a
/// frame's contents, which a hundred small types hold that draw, that came to five sixths of the program's code for the screen.
@propertyWrapper
@frozen
public struct Boxed<Value: Sendable>: Sendable {
    // It is changed where one owner alone has it.
    @usableFromInline
    final class Box: @unchecked Sendable {
        @usableFromInline var value: Value
        @inlinable init(_ value: Value) { self.value = value }
    }

    @usableFromInline var box: Box

    @inlinable
    public init(wrappedValue: Value) { box = Box(wrappedValue) }

    @inlinable
    public var wrappedValue: Value {
        _read { yield box.value }
        _modify {
            if !isKnownUniquelyReferenced(&box) { box = Box(box.value) }
            yield &box.value
        }
    }
}

extension Boxed: Equatable where Value: Equatable {
    @inlinable
    public static func == (a: Boxed, b: Boxed) -> Bool { a.box === b.box || a.wrappedValue == b.wrappedValue }
}

extension Boxed: Hashable where Value: Hashable {
    @inlinable
    public func hash(into hasher: inout Hasher) { hasher.combine(wrappedValue) }
}
