/// The lessons that are built into the program, by courses. A lesson is a JSON file in this folder, its name in a course
/// below, and a line in the package's resources.
public enum Lessons {
    public struct File: Sendable {
        /// The file's name without ".json".
        public let name: String
        /// The JSON text.
        public let text: String

        fileprivate init(_ name: String, _ bytes: [UInt8]) {
            self.name = name
            text = String(decoding: bytes, as: UTF8.self)
        }
    }

    public struct Course: Sendable {
        public let id: String
        public let title: String
        /// One sentence.
        public let summary: String
        public let lessons: [File]
    }

    /// The texts of lessons in another language, files in the folder of its code.
    public struct Translation: Sendable {
        /// "de".
        public let language: String
        /// The titles of the courses, and the program's words around a lesson.
        public let courses: File
        public let lessons: [File]
    }

    public static let translations = [
        Translation(
            language: "de", courses: File("de/courses.de.json", PackageResources.courses_de_json),
            lessons: [
                File("de/neuron-threshold.de.json", PackageResources.neuron_threshold_de_json),
                File("de/neuron-line.de.json", PackageResources.neuron_line_de_json),
                File("de/neuron-rosenblatt.de.json", PackageResources.neuron_rosenblatt_de_json),
                File("de/neuron-convergence.de.json", PackageResources.neuron_convergence_de_json),
                File("de/neuron-hebb.de.json", PackageResources.neuron_hebb_de_json),
                File("de/neuron-delta.de.json", PackageResources.neuron_delta_de_json),
                File("de/neuron-xor.de.json", PackageResources.neuron_xor_de_json),
                File("de/neuron-product.de.json", PackageResources.neuron_product_de_json),
            ])
    ]

    public static var languages: [String] { translations.map(\.language) }

    /// The texts of a lesson in a language; nil: there are none.
    public static func translation(of lesson: String, in language: String) -> File? {
        translations.first { $0.language == language }?.lessons.first {
            $0.name == "\(language)/\(lesson).\(language).json"
        }
    }

    public static let courses = [
        Course(
            id: "neuron", title: "One neuron",
            summary: "From the switch of 1943 to the line that one neuron cannot draw.",
            lessons: [
                File("neuron-threshold", PackageResources.neuron_threshold_json),
                File("neuron-line", PackageResources.neuron_line_json),
                File("neuron-rosenblatt", PackageResources.neuron_rosenblatt_json),
                File("neuron-convergence", PackageResources.neuron_convergence_json),
                File("neuron-hebb", PackageResources.neuron_hebb_json),
                File("neuron-delta", PackageResources.neuron_delta_json),
                File("neuron-xor", PackageResources.neuron_xor_json),
                File("neuron-product", PackageResources.neuron_product_json),
            ]),
        Course(
            id: "layers", title: "Layers",
            summary: "What hidden neurons add: from XOR by hand to width against depth.",
            lessons: [
                File("layers-xor-by-hand", PackageResources.layers_xor_by_hand_json),
                File("layers-backpropagation", PackageResources.layers_backpropagation_json),
                File("layers-xor-learned", PackageResources.layers_xor_learned_json),
                File("layers-bend", PackageResources.layers_bend_json),
                File("layers-dimension", PackageResources.layers_dimension_json),
                File("layers-activations", PackageResources.layers_activations_json),
                File("layers-vanishing", PackageResources.layers_vanishing_json),
                File("layers-approximation", PackageResources.layers_approximation_json),
                File("layers-depth", PackageResources.layers_depth_json),
            ]),
        Course(
            id: "learning", title: "Learning well",
            summary: "Losses, rates, batches and starts; learning by heart, and what helps against it.",
            lessons: [
                File("learning-loss", PackageResources.learning_loss_json),
                File("learning-rate-found", PackageResources.learning_rate_found_json),
                File("learning-batches", PackageResources.learning_batches_json),
                File("learning-momentum", PackageResources.learning_momentum_json),
                File("learning-start", PackageResources.learning_start_json),
                File("learning-overfitting", PackageResources.learning_overfitting_json),
                File("learning-regularization", PackageResources.learning_regularization_json),
                File("learning-dropout", PackageResources.learning_dropout_json),
                File("learning-early-stopping", PackageResources.learning_early_stopping_json),
            ]),
        Course(
            id: "exercises", title: "The web playground’s exercises",
            summary: "The questions that teachers ask with the TensorFlow Playground, with goals.",
            lessons: [
                File("exercises-rate", PackageResources.exercises_rate_json),
                File("exercises-linear", PackageResources.exercises_linear_json),
                File("exercises-crosses", PackageResources.exercises_crosses_json),
                File("exercises-too-many", PackageResources.exercises_too_many_json),
                File("exercises-l2", PackageResources.exercises_l2_json),
                File("exercises-first-network", PackageResources.exercises_first_network_json),
                File("exercises-small", PackageResources.exercises_small_json),
                File("exercises-start", PackageResources.exercises_start_json),
                File("exercises-spiral", PackageResources.exercises_spiral_json),
            ]),
        Course(
            id: "images", title: "Images",
            summary: "Kernels by hand and learned, what they see, and what they look at.",
            lessons: [
                File("images-kernel", PackageResources.images_kernel_json),
                File("images-lines", PackageResources.images_lines_json),
                File("images-maps", PackageResources.images_maps_json),
                File("images-sharing", PackageResources.images_sharing_json),
                File("images-reach", PackageResources.images_reach_json),
                File("images-digits", PackageResources.images_digits_json),
                File("images-drawing", PackageResources.images_drawing_json),
                File("images-look", PackageResources.images_look_json),
                File("images-few", PackageResources.images_few_json),
            ]),
        Course(
            id: "sequences", title: "Sequences",
            summary: "A state that remembers: gates, gradients through time, attention.",
            lessons: [
                File("sequences-memory", PackageResources.sequences_memory_json),
                File("sequences-lag", PackageResources.sequences_lag_json),
                File("sequences-vanishing", PackageResources.sequences_vanishing_json),
                File("sequences-exploding", PackageResources.sequences_exploding_json),
                File("sequences-gates", PackageResources.sequences_gates_json),
                File("sequences-order", PackageResources.sequences_order_json),
                File("sequences-next", PackageResources.sequences_next_json),
                File("sequences-back", PackageResources.sequences_back_json),
                File("sequences-sums", PackageResources.sequences_sums_json),
                File("sequences-attention", PackageResources.sequences_attention_json),
                File("sequences-dilation", PackageResources.sequences_dilation_json),
            ]),
    ]
}
