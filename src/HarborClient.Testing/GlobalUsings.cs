// In the order they are sent; a name may come twice.
global using HeaderList = System.Collections.Generic.IReadOnlyList<System.Collections.Generic.KeyValuePair<string, string>>;
