/// The lessons that are built into the program, in the order in which a course would take them. A preset is a JSON
/// file in this folder, its name in the list below, and a line in the package's resources.
public enum Presets {
    public struct Preset: Sendable {
        /// The file's name without ".json".
        public let name: String
        /// The JSON text.
        public let text: String

        fileprivate init(_ name: String, _ bytes: [UInt8]) {
            self.name = name
            text = String(decoding: bytes, as: UTF8.self)
        }
    }

    public static let all: [Preset] = [
        Preset("playground", PackageResources.playground_json),
        Preset("perceptron-and", PackageResources.perceptron_and_json),
        Preset("perceptron-or", PackageResources.perceptron_or_json),
        Preset("perceptron-xor", PackageResources.perceptron_xor_json),
        Preset("rosenblatt-vs-delta", PackageResources.rosenblatt_vs_delta_json),
        Preset("xor-two-hidden", PackageResources.xor_two_hidden_json),
        Preset("circle", PackageResources.circle_json),
        Preset("xor", PackageResources.xor_json),
        Preset("gauss", PackageResources.gauss_json),
        Preset("spiral", PackageResources.spiral_json),
        Preset("hidden-layer-view", PackageResources.hidden_layer_view_json),
        Preset("raise-dimension-features", PackageResources.raise_dimension_features_json),
        Preset("raise-dimension-units", PackageResources.raise_dimension_units_json),
        Preset("zero-weights", PackageResources.zero_weights_json),
        Preset("vanishing-gradients", PackageResources.vanishing_gradients_json),
        Preset("learning-rate", PackageResources.learning_rate_json),
        Preset("momentum-valley", PackageResources.momentum_valley_json),
        Preset("adam", PackageResources.adam_json),
        Preset("batch-normalization", PackageResources.batch_normalization_json),
        Preset("deep-sigmoid", PackageResources.deep_sigmoid_json),
        Preset("residual", PackageResources.residual_json),
        Preset("bottleneck", PackageResources.bottleneck_json),
        Preset("l1-features", PackageResources.l1_features_json),
        Preset("overfitting", PackageResources.overfitting_json),
        Preset("early-stopping", PackageResources.early_stopping_json),
        Preset("transfer-points", PackageResources.transfer_points_json),
        Preset("forgetting", PackageResources.forgetting_json),
        Preset("spirals-softmax", PackageResources.spirals_softmax_json),
        Preset("sine-regression", PackageResources.sine_regression_json),
        Preset("kernels-by-hand", PackageResources.kernels_by_hand_json),
        Preset("lines", PackageResources.lines_json),
        Preset("digits-mlp", PackageResources.digits_mlp_json),
        Preset("digits-cnn", PackageResources.digits_cnn_json),
        Preset("connections", PackageResources.connections_json),
        Preset("shift", PackageResources.shift_json),
        Preset("shapes", PackageResources.shapes_json),
        Preset("colour-or-shape", PackageResources.colour_or_shape_json),
        Preset("augmentation", PackageResources.augmentation_json),
        Preset("dropout", PackageResources.dropout_json),
        Preset("batch-norm-images", PackageResources.batch_norm_images_json),
        Preset("first-digits", PackageResources.first_digits_json),
        Preset("transfer", PackageResources.transfer_json),
        Preset("life-long", PackageResources.life_long_json),
        Preset("permuted", PackageResources.permuted_json),
        Preset("lenet", PackageResources.lenet_json),
        Preset("alexnet-small", PackageResources.alexnet_small_json),
        Preset("vgg-small", PackageResources.vgg_small_json),
        Preset("inception-small", PackageResources.inception_small_json),
        Preset("resnet-small", PackageResources.resnet_small_json),
        Preset("recall-rnn-lstm-gru", PackageResources.recall_rnn_lstm_gru_json),
        Preset("recall-1000", PackageResources.recall_1000_json),
        Preset("vanishing-in-time", PackageResources.vanishing_in_time_json),
        Preset("exploding", PackageResources.exploding_json),
        Preset("adding", PackageResources.adding_json),
        Preset("copy", PackageResources.copy_json),
        Preset("attention-copy", PackageResources.attention_copy_json),
        Preset("parity", PackageResources.parity_json),
        Preset("reber", PackageResources.reber_json),
        Preset("wavenet-small", PackageResources.wavenet_small_json),
        Preset("last-names", PackageResources.last_names_json),
        Preset("bidirectional", PackageResources.bidirectional_json),
        Preset("spell-digit", PackageResources.spell_digit_json),
        Preset("sums", PackageResources.sums_json),
        Preset("waves", PackageResources.waves_json),
        Preset("tale", PackageResources.tale_json),
        Preset("words", PackageResources.words_json),
        Preset("capital", PackageResources.capital_json),
        Preset("sentiment", PackageResources.sentiment_json),
    ]
}
