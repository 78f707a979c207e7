namespace HarborClient.Tests.Caching.Semantic;

// Pairs of questions with what they are to each other: "same" may share an answer, all others must not, and say why.
internal static class LabelledQuestions
{
    private const string Same = "same";

    private const string Pairs = """
        same | How do I reset my password? | How can I reset my password?
        same | How do I reset my password? | Please tell me how to reset my password.
        same | What is the capital of France? | What's the capital of France?
        same | what is the capital of france | What is the capital of France?
        same | Can you explain how photosynthesis works? | Explain how photosynthesis works, please.
        same | How do I cancel my subscription? | What is the way to cancel my subscription?
        same | What are your opening hours? | Could you tell me your opening hours?
        same | How long does shipping take? | How long will shipping take?
        same | I want to change my delivery address. | How can I change my delivery address?
        same | How do I contact customer support? | What's the best way to contact customer support?
        same | Is there a free trial available? | Is a free trial available?
        same | How do I delete my account? | I would like to delete my account, how do I do that?
        same | What payment methods do you accept? | Which payment methods do you accept?
        same | Where can I download the invoice? | Where do I download the invoice?
        same | Why was my card declined? | Could you explain why my card was declined?
        same | How do I export the report as a PDF? | How can I export the report as a PDF?
        same | What does error code 504 mean? | Please explain what error code 504 means.
        same | How do I install Python on Windows? | How can I install Python on Windows?
        same | Who wrote Faust? | Can you tell me who wrote Faust?
        same | When does the store open on Monday? | At what time does the store open on Monday?
        same | How do I fix a leaking tap? | How can I repair a leaking tap?
        same | How can I learn to play the piano quickly? | How can I learn to play the piano fast?
        same | What is the cheapest phone you sell? | Which is the cheapest telephone you sell?
        same | How do I buy a ticket? | How can I purchase a ticket?
        same | How large is the storage of the basic plan? | How big is the storage of the basic plan?
        same | Give me a summary of the refund policy. | Summarize the refund policy.
        same | How do I start the application? | How do I launch the application?
        same | Which documents do I need for a visa? | What documents do I need for a visa?
        same | How can I speed up my website? | How do I speed up my website?
        same | What is the difference between a process and a thread? | Explain the difference between a process and a thread.
        same | How do I sort a list in Python? | How can a list be sorted in Python?
        same | How do I undo the last commit in Git? | In Git, how do I undo the last commit?
        same | How do I boil an egg? | What is the way to boil an egg?
        same | Does the warranty cover water damage? | Is water damage covered by the warranty?
        same | How do I connect the printer to the network? | How can I connect the printer to the network?
        same | What is a mutex? | Can you tell me what a mutex is?
        same | Tell me a recipe for pancakes. | Give me a recipe for pancakes.
        same | How do I track my order? | How can I follow my order?
        same | How do I update the driver of my graphics card? | How can I update the driver of my graphics card?
        same | How many days of vacation do I have? | How many vacation days do I have?
        same | What vaccinations do I need for Kenya? | Which vaccinations are needed for Kenya?
        same | Is my data encrypted? | Are my data encrypted?
        same | Wie kann ich mein Passwort zurücksetzen? | Wie setze ich mein Passwort zurück?
        same | Was ist die Hauptstadt von Frankreich? | Nenne mir bitte die Hauptstadt von Frankreich.
        same | Wie lange dauert die Lieferung? | Wie lange dauert denn die Lieferung?
        same | Wo finde ich meine Rechnung? | Wo kann ich meine Rechnung finden?
        same | Wie kann ich mein Konto löschen? | Bitte sag mir, wie ich mein Konto löschen kann.
        same | Welche Zahlungsarten gibt es? | Was für Zahlungsarten gibt es?
        same | 如何重置密码？ | 怎么重置密码？
        same | 请问如何重置密码？ | 如何重置密码？
        same | 法国的首都是哪里？ | 请问法国的首都是哪里？
        same | 怎么取消订单？ | 我想取消订单，怎么办？
        same | 如何学习编程？ | 请问怎样学习编程？
        same | 发票在哪里下载？ | 请问发票在哪里下载？

        number | What does error code 504 mean? | What does error code 502 mean?
        number | What is 17 times 23? | What is 17 times 24?
        number | Who won the World Cup in 2014? | Who won the World Cup in 2018?
        number | How much is the tax on 1,000 dollars? | How much is the tax on 10,000 dollars?
        number | Can I return an item after 30 days? | Can I return an item after 60 days?
        number | Translate version 2.1 of the manual. | Translate version 2.2 of the manual.
        number | Give me three ideas for a party. | Give me five ideas for a party.
        number | What is the dose for a child of 5 years? | What is the dose for a child of 8 years?
        number | Set the thermostat to 20 degrees. | Set the thermostat to -20 degrees.
        number | What happened on 9/11? | What happened on 11/9?
        number | Convert 5 to 10. | Convert 10 to 5.
        number | What is a discount of 5% on the price? | What is a discount of 15% on the price?
        number | Is a fever of 38.5 dangerous? | Is a fever of 39.5 dangerous?
        number | What is the second law of thermodynamics? | What is the third law of thermodynamics?
        number | Wie viel sind 15 Prozent von 200? | Wie viel sind 20 Prozent von 200?
        number | Wie alt darf ein Kind unter drei Jahren sein? | Wie alt darf ein Kind unter zwei Jahren sein?
        number | 30天内可以退货吗？ | 60天内可以退货吗？
        number | 第二次世界大战的原因是什么？ | 第一次世界大战的原因是什么？
        number | 请给我三个建议。 | 请给我五个建议。
        number | What is 7 + 5? | What is 7 * 5?
        number | How far is 5 km? | How far is 5 miles?
        number | How warm is 30 degrees Celsius? | How warm is 30 degrees Fahrenheit?
        number | How much is 100 USD? | How much is 100 EUR?
        number | Is the rent due in 5 days? | Is the rent due in 5 weeks?

        negation | Which foods contain gluten? | Which foods do not contain gluten?
        negation | Is it safe to drink the water? | Is it not safe to drink the water?
        negation | Can I take this drug with alcohol? | Can I take this drug without alcohol?
        negation | Why does my code compile? | Why doesn't my code compile?
        negation | Who may enter the building? | Who may not enter the building?
        negation | Which countries need a visa? | Which countries need no visa?
        negation | List the employees who were paid. | List the employees who were never paid.
        negation | Should I feed the dog chocolate? | Shouldn't I feed the dog chocolate?
        negation | Show all orders except the open ones. | Show all the open orders.
        negation | Why can I log in? | Why can't I log in?
        negation | why do my tests pass | why dont my tests pass
        negation | Welche Länder haben ein Visum? | Welche Länder haben kein Visum?
        negation | Darf ich hier parken? | Darf ich hier nicht parken?
        negation | Rezepte mit Zucker | Rezepte ohne Zucker
        negation | 哪些食物含有麸质？ | 哪些食物不含有麸质？
        negation | 我可以退货吗？ | 我不可以退货吗？
        negation | 为什么代码能运行？ | 为什么代码没能运行？

        entity | What is the capital of France? | What is the capital of Finland?
        entity | Who is the president of Brazil? | Who is the president of Poland?
        entity | How do I install Python on Windows? | How do I install Python on Linux?
        entity | What is the weather in Berlin today? | What is the weather in Munich today?
        entity | Tell me about the life of Mozart. | Tell me about the life of Beethoven.
        entity | Is Alice the manager of the team? | Is Bob the manager of the team?
        entity | How do I sort a list in Java? | How do I sort a list in JavaScript?
        entity | What is C++ used for? | What is C# used for?
        entity | What does the function parseInt do? | What does the function parseFloat do?
        entity | What is the price of AAPL? | What is the price of AMZN?
        entity | Which airline flies to Rome? | Which airline flies to Nice?
        entity | When does the store open on Monday? | When does the store open on Sunday?
        entity | What happens in March? | What happens in May?
        entity | Translate "good morning" into Spanish. | Translate "good evening" into Spanish.
        entity | What does the command `git reset` do? | What does the command `git rebase` do?
        entity | Paris: how many people live there? | Lyon: how many people live there?
        entity | Was ist die Hauptstadt von Frankreich? | Was ist die Hauptstadt von Finnland?
        entity | Wie ist das Wetter in Hamburg? | Wie ist das Wetter in Bremen?
        entity | Does the US have a king? | Does the UK have a king?
        entity | Send the report to Maria Lopez. | Send the report to Maria Perez.

        roles | Does Alice owe money to Bob? | Does Bob owe money to Alice?
        roles | How do I convert JSON to CSV? | How do I convert CSV to JSON?
        roles | Show flights from Berlin to Paris. | Show flights from Paris to Berlin.
        roles | Show flights from Berlin to Paris. | Show flights to Berlin from Paris.
        roles | Translate this from German to English: Hallo | Translate this from English to German: Hallo
        roles | Did the dog bite the man? | Did the man bite the dog?
        roles | Must the tenant pay the landlord? | Must the landlord pay the tenant?
        roles | Is a square a rectangle? | Is a rectangle a square?
        roles | Can the server call the client? | Can the client call the server?
        roles | Is tea better than coffee? | Is coffee better than tea?
        roles | Did Germany attack Poland? | Was Germany attacked by Poland?
        roles | What is 10 divided by 2? | What is 2 divided by 10?
        roles | Does smoking cause stress? | Does stress cause smoking?
        roles | Schuldet Anna dem Peter Geld? | Schuldet Peter der Anna Geld?
        roles | Flüge von Wien nach Zürich | Flüge von Zürich nach Wien
        roles | 甲方需要付款给乙方吗？ | 乙方需要付款给甲方吗？
        roles | 如何把英文翻译成中文？ | 如何把中文翻译成英文？

        opposite | Approve the refund for the customer. | Deny the refund for the customer.
        opposite | How do I enable notifications? | How do I disable notifications?
        opposite | How do I open an account? | How do I close an account?
        opposite | How do I increase the font size? | How do I decrease the font size?
        opposite | Should I buy shares now? | Should I sell shares now?
        opposite | How do I encrypt a file? | How do I decrypt a file?
        opposite | What is the maximum length of a name? | What is the minimum length of a name?
        opposite | What should I eat before a run? | What should I eat after a run?
        opposite | How do I turn on the alarm? | How do I turn off the alarm?
        opposite | What are the advantages of solar power? | What are the disadvantages of solar power?
        opposite | How do I install the driver? | How do I uninstall the driver?
        opposite | How do I import contacts? | How do I export contacts?
        opposite | What was the weather yesterday? | What will the weather be tomorrow?
        opposite | When was the company founded? | Where was the company founded?
        opposite | Why did she leave? | When did she leave?
        opposite | Who is the oldest player? | Who is the youngest player?
        opposite | How do I lock the screen? | How do I unlock the screen?
        opposite | Is this legal? | Is this illegal?
        opposite | What is my name? | What is your name?
        opposite | Show the best offers. | Show the worst offers.
        opposite | Wie aktiviere ich die Kamera? | Wie deaktiviere ich die Kamera?
        opposite | Was kostet der Kauf eines Hauses? | Was kostet der Verkauf eines Hauses?
        opposite | Was sind die Vorteile von Gas? | Was sind die Nachteile von Gas?
        opposite | 如何启用通知？ | 如何禁用通知？
        opposite | 请批准这笔退款。 | 请拒绝这笔退款。
        opposite | 什么时候发货？ | 在哪里发货？
        opposite | 今天的天气怎么样？ | 明天的天气怎么样？

        topic | How do I cook rice? | How do I cook pasta?
        topic | What is the dosage of ibuprofen? | What is the dosage of paracetamol?
        topic | How do I clean a leather sofa? | How do I clean a velvet sofa?
        topic | What is the boiling point of water? | What is the melting point of water?
        topic | How do I change my email address? | How do I change my delivery address?
        topic | How tall is the tower? | How old is the tower?
        """;

    public static IReadOnlyList<LabelledPair> All { get; } =
        [.. Pairs.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(" | ")).Select(parts => new LabelledPair(parts[0], parts[1], parts[2]))];

    public static IReadOnlyList<LabelledPair> Paraphrases { get; } = [.. All.Where(pair => pair.Kind == Same)];

    public static IReadOnlyList<LabelledPair> NearMisses { get; } = [.. All.Where(pair => pair.Kind != Same)];
}

internal sealed record LabelledPair(string Kind, string One, string Other);
