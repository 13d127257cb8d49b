// swift-tools-version: 6.2
import PackageDescription

// The kernels crawl without optimization, in tests too; see CKernels.
let kernelFlags: [CSetting] = [.unsafeFlags(["-O3", "-ffp-contract=off", "-fno-math-errno"])]
let optimized: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
    name: "layercake",
    products: [
        .executable(name: "layercake", targets: ["layercake"]),
        // For the tests alone: loaded before the program's own libraries.
        .library(name: "CompilerNoise", type: .dynamic, targets: ["CompilerNoise"]),
    ],
    dependencies: [.package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")],
    targets: [
        .systemLibrary(
            name: "CBLAS", path: "Sources/CBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CPNG", path: "Sources/CPNG", pkgConfig: "libpng",
            providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
        .systemLibrary(
            name: "CJPEG", path: "Sources/CJPEG", pkgConfig: "libjpeg",
            providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
        .target(name: "CImages", dependencies: ["CPNG", "CJPEG"]),
        .target(name: "CKernels", dependencies: ["CBLAS"], cSettings: kernelFlags),
        .target(name: "Basics", swiftSettings: optimized),
        .target(name: "CTerminal", linkerSettings: [.linkedLibrary("ncursesw")]),
        // OpenCL is found at run time: no library is linked.
        .target(
            name: "COpenCL", exclude: ["kernels"], linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .target(name: "Engine", dependencies: ["CKernels", "COpenCL", "Basics"], swiftSettings: optimized),
        .target(
            name: "Datasets", dependencies: ["Basics", "Engine", "CZlib", "CImages"],
            resources: [.embedInCode("Images/digits.gz"), .embedInCode("Sequences/tale.txt")],
            swiftSettings: optimized),
        .target(
            name: "Presets", path: "Presets", exclude: [],
            resources: [
                .embedInCode("playground.json"),
                .embedInCode("perceptron-and.json"),
                .embedInCode("perceptron-or.json"),
                .embedInCode("perceptron-xor.json"),
                .embedInCode("rosenblatt-vs-delta.json"),
                .embedInCode("xor-two-hidden.json"),
                .embedInCode("circle.json"),
                .embedInCode("xor.json"),
                .embedInCode("gauss.json"),
                .embedInCode("spiral.json"),
                .embedInCode("hidden-layer-view.json"),
                .embedInCode("raise-dimension-features.json"),
                .embedInCode("raise-dimension-units.json"),
                .embedInCode("zero-weights.json"),
                .embedInCode("vanishing-gradients.json"),
                .embedInCode("learning-rate.json"),
                .embedInCode("momentum-valley.json"),
                .embedInCode("adam.json"),
                .embedInCode("batch-normalization.json"),
                .embedInCode("deep-sigmoid.json"),
                .embedInCode("residual.json"),
                .embedInCode("bottleneck.json"),
                .embedInCode("l1-features.json"),
                .embedInCode("overfitting.json"),
                .embedInCode("early-stopping.json"),
                .embedInCode("transfer-points.json"),
                .embedInCode("forgetting.json"),
                .embedInCode("spirals-softmax.json"),
                .embedInCode("sine-regression.json"),
                .embedInCode("kernels-by-hand.json"),
                .embedInCode("lines.json"),
                .embedInCode("digits-mlp.json"),
                .embedInCode("digits-cnn.json"),
                .embedInCode("connections.json"),
                .embedInCode("shift.json"),
                .embedInCode("shapes.json"),
                .embedInCode("colour-or-shape.json"),
                .embedInCode("augmentation.json"),
                .embedInCode("dropout.json"),
                .embedInCode("batch-norm-images.json"),
                .embedInCode("first-digits.json"),
                .embedInCode("transfer.json"),
                .embedInCode("lenet.json"),
                .embedInCode("alexnet-small.json"),
                .embedInCode("vgg-small.json"),
                .embedInCode("inception-small.json"),
                .embedInCode("resnet-small.json"),
            ]),
        .target(name: "Session", dependencies: ["Basics", "Engine", "Datasets", "Presets"], swiftSettings: optimized),
        .target(name: "TerminalKit", dependencies: ["Basics", "CTerminal"], swiftSettings: optimized),
        .target(name: "PlaygroundUI", dependencies: ["Basics", "Session", "TerminalKit"], swiftSettings: optimized),
        .executableTarget(
            name: "layercake",
            dependencies: [
                "Basics", "PlaygroundUI", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .target(name: "AllocationCount", path: "Tests/AllocationCount"),
        .target(name: "CompilerNoise", path: "Tests/CompilerNoise"),
        .testTarget(name: "EngineTests", dependencies: ["Engine", "CKernels", "COpenCL", "AllocationCount"]),
        .testTarget(name: "BasicsTests", dependencies: ["Basics"]),
        .testTarget(name: "DatasetsTests", dependencies: ["Datasets"]),
        .testTarget(name: "SessionTests", dependencies: ["Session", "AllocationCount"]),
        .testTarget(name: "TerminalKitTests", dependencies: ["TerminalKit"]),
        .testTarget(name: "PlaygroundUITests", dependencies: ["PlaygroundUI"], exclude: ["Goldens"]),
        .testTarget(name: "FuzzTests", dependencies: ["PlaygroundUI"], path: "Tests/Fuzz"),
        .testTarget(name: "ProgramTests", dependencies: ["layercake", "PlaygroundUI"]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu17
)
