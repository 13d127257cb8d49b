/// The lists of all that a network can be made of.
public enum Catalogue {
    public static func entries(_ list: CatalogueList) -> [Entry] { fatalError("not built yet") }

    public static func entry(_ list: CatalogueList, _ id: String) -> Entry? { entries(list).first { $0.id == id } }
}
