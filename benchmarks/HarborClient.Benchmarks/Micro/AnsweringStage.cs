namespace HarborClient.Benchmarks.Micro;

/// <summary>Answers with one piece of text, without asking anybody.</summary>
internal sealed class AnsweringStage(PipelineStage next) : PipelineStage(next)
{
    public override ValueTask<UpdateReader> OpenAsync(Call call) => new(new OnePiece());

    private sealed class OnePiece : UpdateReader
    {
        private static readonly byte[] Text = "hello"u8.ToArray();

        private HarborUpdate _current;
        private int _position;

        public override ref readonly HarborUpdate Current => ref _current;

        public override ValueTask<bool> ReadAsync()
        {
            if (_position++ > 0) return new(false);
            _current = new HarborUpdate(HarborUpdateKind.Text, Text);
            return new(true);
        }

        public override ValueTask DisposeAsync() => default;
    }
}
