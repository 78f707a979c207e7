namespace HarborClient.Testing.Engine;

// A door found the client gone before ClientGone said so. Never leaves the engine.
internal sealed class ClientLeftException(Exception? innerException = null) : OperationCanceledException("The client has left.", innerException);
