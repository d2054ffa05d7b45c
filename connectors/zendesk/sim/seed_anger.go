package sim

// seedAngry: a customer who has been charged three times, and an agent who keeps her temper.
func seedAngry(d *data) {
	th := d.open(TicketAngry, d.ago(9, "19:22:05"), gordon, "web", "CHARGED THREE TIMES. THIRD MAIL. DOES ANYONE WORK THERE").
		tagged("billing_issue", "escalated", "repeat_contact").field(fieldReason, "billing_issue").field(fieldAmount, "387.00").field(fieldOrder, "A-19755")
	th.t.Priority = ptr("urgent")
	th.say(gordon, 0, "You have taken £129 from my account THREE times for ONE slow cooker. I wrote on Monday. I wrote on Wednesday. I got two robots telling me my call is important. My rent bounced this morning because of you lot.\n\nI want my money and I want the name of whoever is in charge.", text("statement-lines.txt",
		d.day(12, "02 Jan")+"  ACME HOME  129.00-\n"+d.day(12, "02 Jan")+"  ACME HOME  129.00-\n"+d.day(10, "02 Jan")+"  ACME HOME  129.00-\n"+
			d.day(9, "02 Jan")+"  RENT       RETURNED UNPAID\n"+d.day(9, "02 Jan")+"  FEE        25.00-\n")).
		assign(priya, 38*mins, groupNight, priya).
		say(priya, 5*mins, "Mr Pryce, I have read all three of your messages, and your statement. You were charged three times for one order. That is our mistake, and the rent makes it worse than money.\n\nTwo of the three charges I am cancelling now. Give me fifteen minutes to see what the bank needs; I will write before 20:25.").
		say(gordon, 3*mins, "oh GREAT, fifteen minutes. I'll just tell my landlord. Absolute joke of a company").
		note(priya, 4*mins, "Payment provider shows two retries after a time-out that had in fact succeeded. Third charge is from the Wednesday \"fix\". @Tomás can you release both tonight instead of the usual 5 days? He has a bounced rent.").
		note(tomas, 6*mins, "Both released as instant credits, refs RV-5512 and RV-5513. Also approving the £25 bank fee as goodwill, please tell him to send the letter whenever he has it, no need before.").
		set(tomas, 1*mins, fmtField(fieldPaid), "false", "true").
		say(priya, 3*mins, "Mr Pryce, 20:22. Both wrong charges (2 × £129.00) have been returned as instant credits; most banks show them within two hours, yours usually within one. The references are RV-5512 and RV-5513.\n\nWe also pay the £25 fee your bank took. And I have written to you from my own address, so that if the landlord asks, you can show a letter that says whose fault it was.").
		say(gordon, 52*mins, "its there. all of it. ok.\n\nthe letter was a good idea. still shouldn't take 3 mails and a swear word to get a human being").
		say(priya, 4*mins, "No, it should not. I have put that sentence, without the swear word, in front of the people who write the automatic replies. Good night, Mr Pryce.").
		status(priya, 1*mins, "solved").
		rate(2*days, "bad", "Priya was great. The company was not. Three mails!!").
		sampled("Charged three times", "De-escalation done well, rated bad: is the score about the agent or about the two mails before?")
	th.field(fieldPaid, true)
}

// seedPolicy: a refund is promised that the policy does not allow. Spanish.
func seedPolicy(d *data) {
	th := d.open(TicketPolicy, d.ago(5, "10:15:40"), lucia, "email", "Devolución de la aspiradora AX-3 (pedido A-17302)").
		tagged("refund", "out_of_policy").field(fieldOrder, "A-17302").field(fieldAmount, "249.90").field(fieldReason, "damaged").field(fieldPaid, false)
	th.say(lucia, 0, "Buenos días:\n\nCompré la aspiradora AX-3 hace cuatro meses. Funciona, pero hace más ruido que la que tenía antes y mi bebé se despierta. Ya no tengo la caja ni el cepillo pequeño. ¿Puedo devolverla?\n\nMuchas gracias,\nLucía Ferrer").
		assign(sofia, 22*mins, groupWorld, sofia).
		say(sofia, 4*mins, "Hola, Lucía:\n\n¡Enhorabuena por el bebé! No se preocupe por nada: le devuelvo hoy mismo el importe completo, 249,90 €, y no hace falta que nos envíe la aspiradora. Puede regalarla o tirarla.\n\nUn abrazo,\nSofía").
		say(lucia, 31*mins, "¿De verdad? Qué amables, no me lo esperaba. Entonces se la doy a mi hermana. ¿Cuándo llegará el dinero?").
		say(sofia, 6*mins, "En 24 horas lo tiene en su cuenta, se lo garantizo personalmente. 😊").
		assign(sofia, 2*mins, groupBilling, tomas).
		note(sofia, 0, "Tomás, please refund 249.90 to the card. No return needed, I've promised it. Thanks!").
		note(tomas, 3*hrs, "Can't. The order is 118 days old, the window is 30. Used item, box and brush missing, no defect: policy 4.2 says no refund, 4.5 allows a 15 % voucher. Refunds over 100 need a team leader. Who approved this?").
		note(sofia, 25*mins, "Nobody, I thought it was a kind thing to do. She has a baby. Can't we make an exception? I gave her my word.").
		note(rin, 50*mins, "We stand by what an agent wrote to a customer, once. Approved as goodwill on my budget. Sofía: from now on, ask before you promise; and let's sit down on Thursday with 4.2 and 4.5.").
		set(rin, 1*mins, fmtField(fieldPaid), "false", "true").
		say(tomas, 40*mins, "Hola, Lucía:\n\nLe confirmo el reembolso de 249,90 € a la tarjeta terminada en 08. Es una excepción por cortesía, ya que el plazo de devolución era de 30 días. Que descansen los tres.\n\nTomás Figueira").
		say(lucia, 2*hrs, "Recibido. Gracias a los dos, de corazón.").
		status(tomas, 1*hrs, "solved").
		rate(1*days, "good", "").
		sampled("Refund against the policy", "Kind, warm and not hers to promise: an unauthorised full refund in Spanish, then how the team handled it.")
	th.field(fieldPaid, true)
}

// seedReopened: solved too early, twice. German.
func seedReopened(d *data) {
	d.open(TicketReopened, d.ago(12, "07:48:20"), friederike, "email", "Backofen BO-60 heizt nur noch auf 120 °C").
		tagged("warranty", "reopened").field(fieldOrder, "A-11876").field(fieldReason, "damaged").
		say(friederike, 0, "Guten Tag,\n\nunser Backofen BO-60 (gekauft im März, Rechnung anbei) wird seit Samstag nicht mehr heißer als 120 °C, egal was ich einstelle. Das Display zeigt 220 °C an. Was ist zu tun?\n\nMit freundlichen Grüßen\nFriederike Obermaier", pdf("Rechnung-A-11876.pdf", "Acme Home GmbH", "Rechnung A-11876", "", "1 Backofen BO-60          649,00 EUR", "Lieferung                  29,00 EUR", "Summe                     678,00 EUR", "", "Zahlbar binnen 14 Tagen. Danke fuer Ihren Einkauf.")).
		assign(dele, 40*mins, groupTechnical, dele).
		say(dele, 3*mins, "Hallo Frau Obermaier,\n\nbitte setzen Sie das Gerät zurück: Sicherung 10 Minuten aus, dann wieder ein. Damit ist das Problem in aller Regel behoben. Ich schließe den Vorgang, bei Bedarf melden Sie sich einfach.\n\nDele Adeyemi").
		status(dele, 1*mins, "solved").
		say(friederike, 9*hrs, "Guten Abend,\n\ndas hatte ich bereits am Samstag versucht, und heute auf Ihren Rat noch einmal. Es bleibt bei 120 °C. Warum schließen Sie den Vorgang, bevor ich antworten konnte?").
		status(friederike, 0, "open").
		say(dele, 14*hrs, "Guten Morgen,\n\ndann liegt es vermutlich am Temperaturfühler. Eine Anleitung zum Austausch finden Sie auf unserer Hilfeseite unter \"Fühler\". Ich wünsche viel Erfolg!").
		status(dele, 0, "solved").
		say(friederike, 50*mins, "Ich soll ein Gerät mit 230 Volt selbst öffnen, obwohl ich noch Garantie habe? Auf der Anleitung steht auf Seite 1: \"Nur durch Fachpersonal\".\n\nIch bin 71 und hätte gern einen Techniker.").
		status(friederike, 0, "open").
		note(mara, 30*mins, "Third contact, two premature \"solved\", and we told a customer to open a mains appliance under warranty. Dele, I'm taking this over. Technician slots in her postcode: Thursday 8–10 or Friday 14–16.").
		assign(mara, 1*mins, groupCare, mara).
		say(mara, 5*mins, "Sehr geehrte Frau Obermaier,\n\nbitte öffnen Sie das Gerät nicht. Selbstverständlich kommt ein Techniker, kostenlos, denn Sie haben Garantie. Ich habe Donnerstag zwischen 8 und 10 Uhr oder Freitag zwischen 14 und 16 Uhr für Sie reserviert. Was passt Ihnen besser?\n\nDieser Vorgang bleibt offen, bis Sie mir schreiben, dass der Ofen heizt.\n\nMara Lindqvist").
		say(friederike, 20*mins, "Donnerstag. Danke. So hatte ich mir das gleich gewünscht.").
		say(friederike, 2*days, "Der Techniker war pünktlich, der Fühler ist getauscht, der Zwetschgenkuchen ist im Ofen. 220 °C sind wieder 220 °C.").
		status(mara, 1*hrs, "solved").
		sampled("Solved too early, twice", "The clock said \"solved\" within four minutes; the customer says otherwise. Includes unsafe advice. German.")
}
