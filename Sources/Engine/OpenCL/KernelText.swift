import CKernels
import COpenCL

/// The text of a network's kernels. Activations, losses and optimizers are the processor's own arithmetic, so that a
/// new one is on every device at once.
struct KernelText {
    /// The counting of a device's lanes: a graphics card's are its work-items, a processor's those of a vector.
    struct Style: Hashable {
        var lanes: Int
        var hasDouble: Bool
        /// On a card, work-items of a group, and along each side of a group that makes a tile of a product.
        var group = 64
        var tile = 16

        init(_ device: OpenCLDevice) {
            lanes = device.kind == .cpu ? 16 : 1
            hasDouble = device.hasDouble
            group = device.group(upTo: group)
            tile = device.tile(upTo: tile)
        }

        init(lanes: Int, hasDouble: Bool) { (self.lanes, self.hasDouble) = (lanes, hasDouble) }

        var options: String { "-DLC_LANES=\(lanes)" + (hasDouble ? "" : " -DLC_NO_DOUBLE") }
    }

    private var parts: [String]

    /// Types, elementary functions and the generator.
    init() {
        parts = [
            String(cString: lcl_text_vector()), String(cString: lc_elementary_text()),
            String(cString: lc_generator_text()), String(cString: lcl_text_activate()),
        ]
    }

    /// A plan's activations and losses, each once.
    mutating func addFunctions(of plan: Plan, kernels: Bool = true) {
        let operations = plan.program.operations
        var losses = [plan.head.loss.entry.id]
        // R² asks for the squared distances, whatever the loss.
        if kernels, plan.head.loss.suitsRegression { losses.append(Catalogue.halfSquare.entry.id) }
        var added: Set<Operation.Kind> = []
        for kind in operations.map(\.kind) + losses.map({ .loss($0) }) where added.insert(kind).inserted {
            switch kind {
            case .activation(let id): add(activation: lc_activation_index(id), kernels: kernels)
            case .loss(let id): add(loss: lc_loss_index(id), kernels: kernels)
            case .plain, .stream, .cell: break
            }
        }
    }

    /// - Parameter kernels: whether as kernels too, beside functions.
    mutating func add(activation kind: Int32, kernels: Bool = true) {
        let formula = lc_activation_formula(kind)
        let symbol = String(cString: formula.symbol)
        let (value, derivative) = (String(cString: formula.value), String(cString: formula.derivative))
        parts.append("LC_ACTIVATION(\(symbol), (\(value)), (\(derivative)))")
        if kernels { parts.append("LC_ACTIVATION_KERNELS(\(symbol))") }
        if let byParameter = formula.byParameter.map({ String(cString: $0) }) {
            parts.append(
                "LC_LEARNED_ACTIVATION\(kernels ? "_KERNEL" : "")(\(symbol), (\(byParameter)))")
        }
    }

    mutating func addSoftmaxAndLosses() {
        parts += [String(cString: lcl_text_softmax()), String(cString: lcl_text_loss())]
    }

    /// After `addSoftmaxAndLosses`.
    mutating func add(loss kind: Int32, kernels: Bool = true) {
        let formula = lc_loss_formula(kind)
        let symbol = String(cString: formula.symbol)
        let column = formula.sharesColumn ? "columnOf" : "noColumn"
        let (value, gradient) = (String(cString: formula.value), String(cString: formula.derivative))
        parts.append("LC_LOSS(\(symbol), (\(value)), (\(gradient)), \(column))")
        if kernels { parts.append("LC_LOSS_KERNELS(\(symbol), \(column))") }
    }

    /// Kernels that are added only where a network needs them, for compilers are slow.
    enum Extra: CaseIterable {
        /// Normalization and noise.
        case normalization
        case images
        /// Sequences.
        case steps
    }

    mutating func add(_ extra: Extra) {
        switch extra {
        case .normalization: parts.append(String(cString: lcl_text_normalize()))
        case .images: parts.append(String(cString: lcl_text_images()))
        case .steps: parts += [String(cString: lc_cells_text()), String(cString: lcl_text_steps())]
        }
    }

    mutating func addRowsAndSums() {
        parts += [String(cString: lcl_text_rows()), String(cString: lcl_text_sums())]
    }

    /// The products, as suits the lanes: last, for they round otherwise.
    mutating func addProducts(_ style: Style) {
        parts.append("#define TILE \(style.tile)")
        parts.append(String(cString: style.lanes > 1 ? lcl_text_blocked() : lcl_text_tiled()))
    }

    /// The steps of all optimizers, for one may use another's.
    mutating func addOptimizers() {
        parts.append(String(cString: lcl_text_update()))
        parts.append("#define LC_OPTIMIZER_ARITHMETIC\n#define LC_OPTIMIZER(symbol, id, slots)")
        var index: Int32 = 0
        while let text = lc_optimizer_text(index) {
            parts.append(String(cString: text))
            index += 1
        }
    }

    /// After `addOptimizers`.
    mutating func add(optimizer kind: Int32, kernels: Bool = true) {
        let symbol = String(cString: lc_optimizer_symbol(kind))
        parts.append("LC_SPREAD(\(symbol))")
        if kernels { parts.append("LC_UPDATE_KERNEL(\(symbol), \(lc_optimizer_slots(kind)))") }
    }

    /// Text of another kind.
    mutating func add(_ text: String) { parts.append(text) }

    /// All of it, without comments, whose letters not every compiler reads.
    var text: String { Self.stripped(parts.joined(separator: "\n")) + "\n" }

    /// The text without comments, empty lines and `#pragma once`, which only files have.
    static func stripped(_ text: String) -> String {
        var code: [UInt8] = []
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.first {
            let next = bytes.dropFirst().first
            if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
                bytes = bytes.dropFirst(2)
                while !bytes.isEmpty, !bytes.starts(with: [UInt8(ascii: "*"), UInt8(ascii: "/")]) {
                    bytes = bytes.dropFirst()
                }
                bytes = bytes.dropFirst(2)
            } else {
                code.append(byte)
                bytes = bytes.dropFirst()
            }
        }
        return String(decoding: code, as: UTF8.self).split(separator: "\n").filter { line in
            line != "#pragma once" && !line.allSatisfy { $0 == " " }
        }.joined(separator: "\n")
    }
}
