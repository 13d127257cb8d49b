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
    ]
}
