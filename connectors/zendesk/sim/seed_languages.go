package sim

// seedLanguage: a question in Portuguese, answered in another language. Twice.
func seedLanguage(d *data) {
	d.open(TicketLanguage, d.ago(4, "13:05:52"), thais, "web", "Cafeteira chegou com a tomada errada").
		tagged("wrong_item", "lang_pt").field(fieldOrder, "A-20630").field(fieldReason, "damaged").
		say(thais, 0, "Olá! Comprei a cafeteira CF-8 e ela chegou com tomada do tipo G, que não serve no Brasil. No anúncio estava escrito \"plugue brasileiro incluído\". Vocês podem mandar o cabo certo?").
		assign(kenji, 15*mins, groupWorld, kenji).
		say(kenji, 6*mins, "Hola, Thaís:\n\nGracias por su mensaje. Lamentamos las molestias con su cafetera. ¿Podría decirnos qué tipo de enchufe necesita?\n\nSaludos").
		say(thais, 40*mins, "Oi, desculpa, eu não falo espanhol muito bem. Eu falo português. O plugue que eu preciso é o tipo N, de três pinos redondos.").
		say(kenji, 12*mins, "Hi Thaís,\n\nThanks for letting us know. Type N is not in our list. Please choose one of: A, C, F, G, I.\n\nBest").
		say(thais, 5*mins, "Eu não entendi direito… vocês têm alguém que fale português? É só o cabo. 😔").
		note(kenji, 8*mins, "Can someone who reads Portuguese take this? I've been using the translate button and I think it guessed Spanish.").
		assign(kenji, 1*mins, groupBilling, tomas).
		say(tomas, 20*mins, "Olá, Thaís! Aqui é o Tomás, e agora em português. Peço desculpa pela confusão de línguas.\n\nO anúncio prometia o plugue brasileiro, portanto é connosco: mando hoje o cabo tipo N (três pinos redondos) por correio expresso, sem custo. Deve chegar na quinta-feira. Pode ficar com o outro.").
		say(thais, 10*mins, "Aaah, que alívio! Muito obrigada, Tomás! 🙌☕").
		status(tomas, 3*days-2*hrs, "solved").
		sampled("Answered in the wrong language", "A Portuguese question answered in Spanish, then in English: the customer asks three times for a cable.")
}

// seedFrench: a small favour, and emoji that are more than one code point.
func seedFrench(d *data) {
	d.open(TicketFrench, d.ago(7, "16:30:00"), maelle, "email", "Un mot gentil et une petite question 🥧").
		tagged("praise").field(fieldOrder, "A-18044").
		say(maelle, 0, "Bonjour,\n\nla cocotte que vous m'avez envoyée est arrivée fêlée, mais je ne vous écris pas pour me plaindre : le colis était tombé sous la pluie et le livreur 🚴🏽‍♀️ s'est excusé dix fois. Est-ce que je peux simplement racheter le couvercle ? Le reste de la famille 👨‍👩‍👧‍👦 s'en sert déjà pour la tarte.\n\nMaëlle", brokenPot().with(func(f *file) { f.thumb = true })).
		assign(ines, 25*mins, groupReturns, ines).
		say(ines, 8*mins, "Bonjour Maëlle,\n\nquelle gentille lettre ! Une cocotte fêlée ne doit plus aller au four : en chauffant, elle peut se fendre d'un coup. Gardez-la pour les pommes 🍎, s'il vous plaît, pas pour la tarte.\n\nUne neuve part ce soir, couvercle compris, et elle ne vous coûte rien. Inutile de renvoyer l'ancienne.\n\nInès").
		say(maelle, 1*hrs, "Oh ! Je n'y avais pas pensé. Merci, Inès, j'ai sorti la tarte à temps 😅. Je vous envoie la recette ?").
		say(ines, 5*mins, "Avec joie. (La vraie, avec la quantité de beurre.)").
		say(maelle, 2*hrs, "250 g de farine, 125 g de beurre, ½ c. à c. de sel, 6 pommes, et on ne touche plus à rien pendant 40 minutes. 🥧❤️‍🔥").
		note(ines, 15*mins, "Replacement A-18044-R sent. Cracked in transit again on the Lyon route, third this month: told Logistics, ref LG-220.").
		status(ines, 2*mins, "solved").
		rate(1*days, "good", "Inès m'a évité un accident et elle aime le beurre. Parfait ! 💯").
		sampled("A danger noticed in passing", "Nobody complained: the agent read closely, saw a safety risk and acted. A conversation to show others. French.")
}

// seedJapanese: very polite, and the date moves.
func seedJapanese(d *data) {
	promised, mother := d.day(7, "2"), d.day(6, "2") // days of the month
	d.open(TicketJapanese, d.ago(8, "01:12:44"), misaki, "email", "炊飯器の修理について(注文番号 A-16551)").
		tagged("repair", "lang_ja").field(fieldOrder, "A-16551").field(fieldReason, "damaged").field(fieldShipped, d.ago(20, "00:00:00").Format("2006-01-02")).
		say(misaki, 0, "お世話になっております。藤原と申します。\n\n先月修理をお願いした炊飯器ですが、まだ手元に戻っておりません。「二週間ほどでお返しします」と伺っておりましたが、本日で三週間になります。現在の状況を教えていただけますでしょうか。\n\nどうぞよろしくお願いいたします。").
		assign(kenji, 50*mins, groupWorld, kenji).
		say(kenji, 10*mins, "藤原様\n\nいつもお世話になっております。カスタマーサポートの森田でございます。\n\nこの度はご不便をおかけし、誠に申し訳ございません。修理センターに確認いたしますので、少々お待ちくださいませ。").
		note(kenji, 30*mins, "Repair centre: the lid sensor is on back order, no date. They say \"maybe on the "+promised+"\". I will tell her that date so that she has something.").
		say(kenji, 4*mins, "藤原様\n\nお待たせいたしました。修理は順調に進んでおり、"+promised+"日には必ずお届けできる見込みでございます。今しばらくお待ちいただけますと幸いです。").
		say(misaki, 25*mins, "ご確認ありがとうございます。「必ず」と「見込み」のどちらでしょうか。"+mother+"日に母が参りますので、確かな日を知りたく存じます。").
		say(kenji, 45*mins, promised+"日にお届けいたします。ご安心くださいませ。").
		say(misaki, 3*days, promised+"日を過ぎましたが、届いておりません。母は昨日参りました。").
		note(kenji, 1*hrs, "Sensor still on back order. I should not have written 必ず when the centre said maybe. What can I offer?").
		note(rin, 30*mins, "A new rice cooker today by courier, and the repaired one stays hers as well. Tell her plainly that there never was a date.").
		say(kenji, 20*mins, "藤原様\n\n心よりお詫び申し上げます。実は部品の入荷日が決まっておらず、「"+promised+"日」は確かな日ではございませんでした。はっきり申し上げなかったのは私の誤りです。\n\n本日、新しい炊飯器を宅配便で発送いたしました(明日の午前着)。修理品も、完了次第無償でお返しいたします。").
		say(misaki, 20*hrs, "受け取りました。正直におっしゃっていただき、ありがとうございます。").
		status(kenji, 2*hrs, "solved").
		sampled("A date that never was", "Perfectly polite, and untrue: a date given as certain when the repair centre had said \"maybe\". Japanese.")
}

// seedArabic: right to left, with order numbers and addresses that run the other way.
func seedArabic(d *data) {
	d.open(TicketArabic, d.ago(3, "11:20:16"), salma, "web", "استفسار عن الطلب A-20771 — القطعة الناقصة").
		tagged("missing_part", "lang_ar").field(fieldOrder, "A-20771").field(fieldReason, "damaged").field(fieldParts, []string{"shelf", "screws_m6"}).
		say(salma, 0, "السلام عليكم،\n\nوصلتني اليوم خزانة الكتب (الطلب A-20771) لكن ينقصها الرف الثالث وكيس البراغي M6. أرفقتُ صورة للصندوق. هل يمكنكم إرسال القطع الناقصة قبل يوم الخميس؟ لديّ ضيوف.\n\nسلمى", crushedBox().as("صورة الصندوق.png")).
		assign(nadia, 18*mins, groupWorld, nadia).
		say(nadia, 7*mins, "وعليكم السلام سلمى،\n\nنعتذر عن ذلك. سأرسل الرف (رقم القطعة SH-3/220) وكيس البراغي M6 × 16 اليوم مع شركة Nordpaket. رقم التتبّع سيصلك على salma.haddad@bareed.example قبل الساعة 17:00.").
		note(nadia, 5*mins, "SH-3/220 in stock at Garstone: 4 pcs. M6 bag: 0 in stock, next delivery Monday. I'll take the screws out of a display unit.").
		say(salma, 2*hrs, "شكراً. وصلني رقم التتبّع: NP-88127740. مكتوب فيه «التسليم: الجمعة». هل هذا صحيح؟ طلبتُ قبل الخميس.").
		say(nadia, 12*mins, "أنتِ على حق، الجمعة متأخر. غيّرتُ الإرسال إلى «سريع»؛ التسليم الآن الأربعاء بين 09:00 و 12:00. التكلفة علينا (12.50 €).").
		set(nadia, 1*mins, fmtField(fieldPaid), "false", "true").
		say(salma, 24*hrs, "وصل الرف والبراغي في الموعد. ملاحظة صغيرة: في دليل التركيب صفحة 7 الخطوة (c) مكتوب M8 بدل M6، كدتُ أشتري براغي خاطئة!").
		say(nadia, 30*mins, "ملاحظة ثمينة، شكراً لكِ! أبلغتُ قسم الأدلة، والتصحيح سيظهر في النسخة القادمة. نتمنى لكِ سهرة سعيدة مع ضيوفك.").
		status(nadia, 1*mins, "solved").
		rate(3*hrs, "good", "سرعة ولطف").
		sampled("The missing shelf", "Right-to-left with codes, times and prices inside: was the deadline noticed the first time? Arabic.")
}
