public enum Presets {}
