using System.Collections.Frozen;

namespace HarborClient.Caching;

/// <summary>
/// The words of English, German and Chinese that turn a question into another one and hardly move its embedding. Not a grammar: what is not here is left to the embedding, and what is here
/// and means nothing in its place costs a hit.
/// </summary>
internal static class GuardWords
{
    /// <summary>Rows of words that do not go together, divided by bars: where two questions both have words of a row, they must have them of the same parts. A star stands for any ending.</summary>
    private const string Rows = """
        approv* accept* grant* allow* permit* genehmig* erlaub* akzeptier* 批准 同意 接受 允许 | deny denie* denying denial reject* refus* forbid* block* declin* prohibit* ablehn* abgelehnt verweiger* verbiet* verboten 拒绝 否决 禁止
        enabl* activat* aktivier* einschalt* 启用 激活 开启 | disabl* deactivat* deaktivier* ausschalt* abschalt* 禁用 停用 关闭
        open* öffne* geöffnet 打开 | clos* schließ* geschlossen 关上
        start* begin* launch* beginn* 开始 启动 | stop* end ends ended ending terminat* finish* beend* stopp* 停止 结束
        increas* rais* grow* rise* rising erhöh* steig* 增加 提高 上升 | decreas* reduc* lower* shrink* fall* drop* senk* verringer* sink* 减少 降低 下降
        buy buys buying bought purchas* kauf* 买 购买 | sell sells selling sold sale verkauf* 卖 出售
        add adds added adding hinzufüg* 添加 | remov* delet* uninstall* entfern* lösch* 删除 移除
        install* installier* 安装 | uninstall* deinstallier* 卸载
        import* importier* 导入 进口 | export* exportier* 导出 出口
        upload* hochlad* 上传 | download* herunterlad* 下载
        send* sent senden* schick* 发送 寄出 | receiv* empfang* erhalt* 接收 收到
        lend* lent verleih* 借出 | borrow* ausleih* 借入
        encrypt* encod* verschlüssel* 加密 编码 | decrypt* decod* entschlüssel* 解密 解码
        compress* zip zipped komprimier* 压缩 | decompress* unzip* extract* entpack* 解压
        connect* verbind* 连接 | disconnect* trenn* 断开
        lock* sperr* 锁定 | unlock* entsperr* 解锁
        subscrib* abonnier* 订阅 | unsubscrib* kündig* cancel* 退订 取消
        login log-in signin anmeld* 登录 | logout log-out signout abmeld* 退出
        push* | pull*
        read reads reading lesen 读取 | write writes writing written schreib* 写入
        win wins winning won gewinn* gewann 赢 | lose loses losing lost verlier* verlor 输
        pass passes passed passing bestand* besteh* 通过 | fail* durchfall* 失败
        before vor bevor vorher 之前 以前 | after nach nachdem nachher 之后 以后
        max maximum maximal* highest most largest biggest höchst* größt* meist* 最大 最高 最多 | min minimum minimal* lowest least smallest niedrigst* kleinst* wenigst* 最小 最低 最少
        best beste* 最好 | worst schlechtest* schlimmst* 最差 最坏
        good gut gute* | bad schlecht*
        more mehr larger bigger greater higher höher* größer* 更多 更大 更高 | less fewer smaller weniger kleiner* niedriger* 更少 更小 更低
        above over exceed* über oberhalb 超过 以上 | below under unter unterhalb 低于 以下
        first erste* 首 | last letzte* 最后
        oldest earliest älteste* früheste* 最早 | newest latest youngest neueste* jüngste* späteste* 最新 最晚
        older earlier älter* früher* 更早 | newer younger later neuer* jünger* später* 更晚
        inside internal intern* innerhalb 内部 | outside external extern* außerhalb 外部
        left links linke* 左 | right rechts rechte* 右
        north* nord* 北 | south* süd* 南 | east* ost* 东 | west* 西
        hot heiß* 热 | cold kalt* 冷
        up | down
        on | off
        with mit | without ohne
        male man men männlich* 男 | female woman women weiblich* 女
        child* kind kinder* 儿童 | adult* erwachsen* 成人
        legal* erlaubt 合法 | illegal* 非法 违法
        safe* secur* sicher* 安全 | unsafe dangerous insecur* gefährlich* 危险
        advantage* pros benefit* vorteil* 优点 好处 | disadvantage* cons drawback* nachteil* 缺点 坏处
        cause* ursache* 原因 | effect* consequence* wirkung* folge* 后果
        input* eingabe* 输入 | output* ausgabe* 输出
        public öffentlich* 公开 | private privat* 私有
        buyer* käufer* 买方 | seller* verkäufer* 卖方
        employer* arbeitgeber* 雇主 | employee* arbeitnehmer* 员工
        income einkommen einnahme* 收入 | expense* ausgaben 支出
        always immer 总是 | sometimes manchmal 有时 | rarely selten
        all every alle jede* 所有 全部 | some einige* manche* 一些 | only nur 只有 仅
        daily täglich* 每天 | weekly wöchentlich* 每周 | monthly monatlich* 每月 | yearly annual* annually jährlich* 每年
        yesterday gestern 昨天 | today heute 今天 | tomorrow morgen 明天
        previous* vorig* 上个 上一 | next nächste* 下个 下一
        who whom wer wen wem 谁 | when wann 什么时候 何时 | where wo wohin woher 哪里 哪儿 在哪 | why warum wieso weshalb 为什么 为何
        many viele | much viel | long lange | often oft | far weit
        my mine mein* 我的 | your yours dein* 你的
        his | her hers
        """;

    /// <summary>Words of which both questions must have as many, under the name that the row begins with.</summary>
    private const string Counted = """
        not no never none nobody nothing nowhere neither nor cannot cant dont doesnt didnt isnt arent wasnt werent wont wouldnt shouldnt couldnt havent hasnt hadnt unable without except unless non nicht kein keine keinen keinem keiner keines nie niemals niemand nichts ohne außer weder
        0 zero null 零
        1 one eins einmal once
        2 two twice zwei zweimal zwo double doppelt second zweite zweiten 二 两 俩
        3 three thrice drei dreimal triple dreifach third dritte dritten 三
        4 four vier fourth vierte vierten 四
        5 five fünf fifth fünfte fünften 五
        6 six sechs sixth sechste sechsten 六
        7 seven sieben seventh siebte siebten 七
        8 eight acht eighth achte achten 八
        9 nine neun ninth neunte neunten 九
        10 ten zehn tenth 十
        11 eleven elf
        12 twelve zwölf dozen dutzend
        15 fifteen fünfzehn
        20 twenty zwanzig
        30 thirty dreißig
        40 forty vierzig
        50 fifty fünfzig
        60 sixty sechzig
        90 ninety neunzig
        100 hundred hundert 百
        1000 thousand tausend 千
        10000 万
        1000000 million millionen
        1000000000 billion milliarde milliarden 亿
        half halb halbe halben 半
        quarter viertel
        by von 被
        km kilometer kilometers kilometre kilometres 公里 千米
        mile miles meile meilen 英里
        meter meters metre metres
        foot feet fuß 英尺
        inch inches zoll 英寸
        kg kilo kilos kilogram kilograms kilogramm 公斤 千克
        gram grams gramm
        pound pounds lb lbs pfund 磅
        liter liters litre litres
        gallon gallons gallonen 加仑
        celsius 摄氏
        fahrenheit 华氏
        usd dollar dollars 美元
        eur euro euros 欧元
        gbp 英镑
        cny yuan rmb 人民币
        second seconds sekunde sekunden 秒
        minute minutes minuten 分钟
        hour hours stunde stunden 小时
        day days tag tage tagen 天
        week weeks woche wochen 周
        month months monat monate monaten 月
        year years jahr jahre jahren 年
        """;

    /// <summary>Negations that Chinese writes inside a sentence: each counts.</summary>
    private const string ChineseNegations = "不没沒無无未非别勿莫";

    /// <summary>What is in any question: it is no name where it is written large, and its place in the question says nothing.</summary>
    private const string Common = """
        a an the this that these those it its is are was were be been being am do does did doing have has had having can could will would shall should may might must i im ive id we us our you me he she they them their
        what whats which how hows who whos whom when where why whether if and or but so of in at for as about there here please just also any some tell give show explain describe list name define find help let lets get make
        write say want need like know think wondering curious possible way ways best mean means called calculate compute compare summarize translate convert create suggest recommend hi hello hey thanks thank dear ok okay
        der die das den dem des ein eine einen einem einer eines ist sind war waren sein bin bist hat habe haben hatte kann können könnte soll sollte muss darf wird werden würde ich wir uns unser du ihr sie er es man
        was welche welcher welches wie wer wann wo warum ob und oder aber so zu zum zur im in am an auf für als über bitte nenne erkläre zeige gib sag sage hilf mir mich dir dich nun denn eigentlich
        """;

    private const string CommonChinese = "的了吗呢啊吧呀是在我你您他她它们请问怎么样如何什可以能要想会给把和与及或就都也有个这那哪下一帮";

    private static readonly FrozenSet<string> CommonWords = Words(Common).ToFrozenSet(StringComparer.Ordinal);
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> CommonBySpan = CommonWords.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly FrozenDictionary<string, string> CountedWords = ReadCounted();
    private static readonly KeyValuePair<string, string>[] CountedTerms = [.. CountedWords.Where(word => IsChinese(word.Key[0]))];
    private static readonly UInt128[] RowMasks = new UInt128[Lines(Rows).Length];
    private static readonly (FrozenDictionary<string, UInt128> Words, KeyValuePair<string, UInt128>[] Beginnings, KeyValuePair<string, UInt128>[] Terms) Parts = ReadRows();

    /// <summary>Whether a character is a word by itself.</summary>
    internal static bool IsChinese(char character) => character is >= '\u3040' and <= '\u30FF' or >= '\u3400' and <= '\u9FFF';

    internal static bool IsCommon(ReadOnlySpan<char> word) => word.Length == 1 && IsChinese(word[0]) ? CommonChinese.Contains(word[0]) : CommonBySpan.Contains(word);

    /// <summary>Under what a word is counted; null where it is not.</summary>
    internal static string? CountedAs(string word) => CountedWords.TryGetValue(word, out string? name) ? name : word.EndsWith("n't", StringComparison.Ordinal) ? "not" : null;

    /// <summary>What a Chinese text has that is counted, each time that it has it.</summary>
    internal static void CountTerms(string text, List<string> found)
    {
        foreach (char character in text)
            if (ChineseNegations.Contains(character)) found.Add("not");
        foreach ((string term, string name) in CountedTerms)
            for (int at = text.IndexOf(term, StringComparison.Ordinal); at >= 0; at = text.IndexOf(term, at + term.Length, StringComparison.Ordinal)) found.Add(name);
    }

    /// <summary>The parts of rows that a word belongs to, a bit each.</summary>
    internal static UInt128 PartsOf(string word)
    {
        UInt128 parts = Parts.Words.GetValueOrDefault(word);
        foreach ((string beginning, UInt128 part) in Parts.Beginnings)
            if (word.StartsWith(beginning, StringComparison.Ordinal)) parts |= part;
        return parts;
    }

    /// <summary>The parts of rows that a Chinese text has words of.</summary>
    internal static UInt128 PartsOfTerms(string text)
    {
        UInt128 parts = 0;
        foreach ((string term, UInt128 part) in Parts.Terms)
            if (text.Contains(term, StringComparison.Ordinal)) parts |= part;
        return parts;
    }

    /// <summary>Whether two questions have different parts of a row.</summary>
    internal static bool AreOpposed(UInt128 one, UInt128 other)
    {
        foreach (UInt128 row in RowMasks)
            if ((one & row) != 0 && (other & row) != 0 && (one & row) != (other & row)) return true;
        return false;
    }

    private static FrozenDictionary<string, string> ReadCounted()
    {
        var counted = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in Lines(Counted))
        {
            string[] words = Words(line);
            foreach (string word in words) counted.TryAdd(word, words[0]);
        }

        return counted.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static (FrozenDictionary<string, UInt128> Words, KeyValuePair<string, UInt128>[] Beginnings, KeyValuePair<string, UInt128>[] Terms) ReadRows()
    {
        var whole = new Dictionary<string, UInt128>(StringComparer.Ordinal);
        var begun = new Dictionary<string, UInt128>(StringComparer.Ordinal);
        var chinese = new Dictionary<string, UInt128>(StringComparer.Ordinal);
        UInt128 part = 1;
        int row = 0;
        foreach (string line in Lines(Rows))
        {
            foreach (string words in line.Split('|'))
            {
                foreach (string word in Words(words))
                {
                    bool isBeginning = word.EndsWith('*');
                    string key = isBeginning ? word[..^1] : word;
                    Dictionary<string, UInt128> kind = IsChinese(key[0]) ? chinese : isBeginning ? begun : whole;
                    kind[key] = kind.GetValueOrDefault(key) | part;
                }

                RowMasks[row] |= part;
                part <<= 1;
            }

            row++;
        }

        return (whole.ToFrozenDictionary(StringComparer.Ordinal), [.. begun], [.. chinese]);
    }

    private static string[] Lines(string table) => table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string[] Words(string table) => table.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
}
