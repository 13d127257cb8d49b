import CKernels
import COpenCL

/// A kind of operation: its operands, its kernel, and the texts by which devices do it.
///
/// A new primitive is a file in this folder, a kernel with a code in CKernels.h and a line in level.h, and a line in
/// `Primitive.all`; its extensions are long together, because each primitive is a constant of it. The processor does it at once, at every level; a network in which a primitive lacks a device's text
/// trains on the processor.
struct Primitive: Sendable {
    struct Operand: Sendable {
        enum Access: Sendable {
            case reads, writes
            /// Reads what is there and writes something else.
            case changes
            /// Adds up over the samples of the batch: a gradient of parameters.
            case sums
        }

        let name: String
        /// The place in `lc_op`: 0 is `a`, 7 is `h`.
        let place: Int
        let access: Access
    }

    /// The meaning of its operands to those who read an operation's numbers or keep it beside another one.
    enum Role: Sendable {
        /// `output` is a function of `input`, value by value.
        case activation
        /// `inputGradient` is `gradient` times that function's slope.
        case activationGradient
        /// `output` is `input` less the batch's mean, times `inverse`.
        case batchNormalization
        case batchNormalizationGradient
        /// `output` are sums of values by the shares `weights`.
        case attention
        case attentionGradient
    }

    let id: String
    let kernel: lc_opcode
    let operands: [Operand]
    /// Whether networks side by side may have knobs of their own.
    var hasKnobsPerNetwork = false
    /// Whether a sample's results depend on the other samples of the batch.
    var isAcrossBatch = false
    /// The part `part` of `count` parts that threads can do at the same time, for a primitive that sums over the samples or
    /// is across the batch; nil: it cannot be divided. The closure's nil: the part is empty.
    var part: (@Sendable (_ operation: Operation, _ part: Int, _ count: Int) -> Operation?)?
    /// Whether the parts are units, all rows of each, as `share` divides them.
    var sharesUnits = false
    /// How it is done with other copies of the model that share the batch, for a primitive that is across it; nil: it is only for
    /// all samples in one place.
    var amongCopies: Meeting?
    /// The kernels of an OpenCL device, in the order in which they run.
    var device: (@Sendable (Operation, OpenCLBinding) throws(OpenCL.Failure) -> [OpenCLPass.Launch])?
    /// The text with its device kernels, where few networks need it.
    var text: KernelText.Extra?
    /// Whether networks side by side can do it.
    var suitsLanes = true
    /// Lines of the one kernel that trains whole epochs of a small network.
    var fused: (@Sendable (Operation, FusedText) -> Void)?
    /// nil: nobody asks.
    var role: Role?

    static let all: [Primitive] = [
        .affine, .affineInputGradient, .affineParameterGradient, .affineTransposed, .rowSums, .activate,
        .activateGradient, .softmax,
        .softmaxGradient, .dropout, .noise, .scaleBy, .lossGradient, .copy, .add, .scale, .maximum, .maximumGradient,
        .normalizeBatch, .normalizeBatchGradient, .normalizeByState, .normalizeByStateGradient, .normalizeUnits,
        .normalizeUnitsGradient, .scaleShift, .scaleShiftGradient, .respond, .respondGradient, .convolve, .convolveBack,
        .convolveGradient, .poolMaximum, .poolMaximumGradient, .poolSum, .poolSpread,
        .stepsAffine, .stepsInputGradient, .stepsParameterGradient, .stepsLast, .stepsLastGradient, .stepsSum,
        .stepsSpread,
        .recur, .recurGradient, .attend, .attendGradient, .embed, .embedGradient, .stepsLossGradient,
        .drawCode, .drawCodeGradient, .codeDivergence, .sparsity, .sparsityGradient,
        .drawBits, .drawClass, .difference, .squaredDistance, .freeEnergy, .flipScore,
    ]
}

extension Primitive: Hashable {
    static func == (left: Primitive, right: Primitive) -> Bool { left.id == right.id }
    func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension Primitive.Operand {
    static func reads(_ name: String, _ place: Int) -> Self { Self(name: name, place: place, access: .reads) }
    static func writes(_ name: String, _ place: Int) -> Self { Self(name: name, place: place, access: .writes) }
    static func changes(_ name: String, _ place: Int) -> Self { Self(name: name, place: place, access: .changes) }
    static func sums(_ name: String, _ place: Int) -> Self { Self(name: name, place: place, access: .sums) }
}
