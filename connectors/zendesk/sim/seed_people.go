package sim

import (
	"strings"
	"time"
)

// Customers. None of them exists; addresses are below .example, which nobody can register.
const (
	paula = 8001 + iota
	gordon
	lucia
	vera
	thais
	friederike
	maelle
	misaki
	salma
	ottoline
	bettina
	ravi
	hannah
	elliot
	sam
	spoofer
	beatrix
	ingrid
	marcus
	impostor
	kofi
	dana
)

// firstStore is the first of Northgate's shops, which write to the incident themselves.
const firstStore = 8101

// zosia has an id above 2^53, as busy accounts do.
const zosia = 9007199254740993001

func (d *data) seedCustomers(made time.Time) {
	for _, c := range []struct {
		id                  int64
		name, email, locale string
	}{
		{paula, "Paula Renner", "paula.renner@hollowpine.example", "en-GB"},
		{gordon, "Gordon Pryce", "g.pryce@postbox.example", "en-GB"},
		{lucia, "Lucía Ferrer Montalbán", "lucia.ferrer@correo.example", "es"},
		{vera, "Vera Lindgren", "vera.lindgren@lindgrenark.example", "en-GB"},
		{thais, "Thaís Moreira", "thais.moreira@caixa.example", "pt-BR"},
		{friederike, "Friederike Obermaier", "f.obermaier@posteo.example", "de"},
		{maelle, "Maëlle Garnier", "maelle.garnier@courrier.example", "fr"},
		{misaki, "藤原 美咲", "misaki.fujiwara@yubin.example", "ja"},
		{salma, "سلمى الحدّاد", "salma.haddad@bareed.example", "ar"},
		{ottoline, "Ottoline Marsh", "ottoline@marshandmoor.example", "en-GB"},
		{bettina, "Bettina Cole", "servicedesk@northgate.example", "en-GB"},
		{ravi, "Ravi Nair", "ravi.nair@fernhollow.example", "en-GB"},
		{hannah, "Hannah Dreyfus", "hannah.dreyfus@letterbox.example", "en-US"},
		{elliot, "Elliot Nakamura", "elliot.n@letterbox.example", "en-US"},
		{sam, "Sam Whitlock", "sam@whitlockjoinery.example", "en-GB"},
		{spoofer, "Acme Security Team", "no-reply@acme-security-check.example", "en-US"},
		{beatrix, "Beatrix Lowe", "beatrix.lowe@letterbox.example", "en-GB"},
		{ingrid, "Ingrid Solberg", "ingrid.solberg@fjellpost.example", "no"},
		{marcus, "Marcus Webb", "marcus.webb@letterbox.example", "en-US"},
		{impostor, "Office of V. Lindgren", "vera.lindgren.office@fastmailer.example", "en-GB"},
		{kofi, "Kofi Mensah", "kofi@mensahnetworks.example", "en-GB"},
		{dana, "Dana Whitfield", "dana.whitfield@brytkaffe.example", "en-GB"},
		{zosia, "Zosia Wilk", "zosia.wilk@poczta.example", "pl"},
	} {
		d.person(c.id, c.name, c.email, c.locale, made)
	}
	for i, town := range storeTowns {
		d.person(firstStore+int64(i), "Northgate "+town, "shop."+strings.ToLower(town)+"@northgate.example", "en-GB", made)
	}
	d.users[paula].OrganizationID = ptr(int64(51))
	d.users[dana].OrganizationID = ptr(int64(52))
	d.users[bettina].OrganizationID = ptr(int64(53))
}

var storeTowns = []string{
	"Alnford", "Brackwell", "Carrick", "Dunmere", "Eastby", "Fenwick", "Garstone", "Hexley", "Ilmore", "Kelbrook", "Langport", "Morwick",
}

// localPart makes "Sofía Quintero" into "sofia.quintero".
func localPart(name string) string {
	return strings.NewReplacer(" ", ".", "á", "a", "è", "e", "é", "e", "í", "i", "ó", "o").Replace(strings.ToLower(name))
}

// system is what Zendesk notes of a sender. The addresses are those set aside for documentation.
func (d *data) system(author int64) systemInfo {
	switch {
	case author < firstAgent:
		return systemInfo{}
	case author < firstCustomer:
		return systemInfo{Client: "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0", IPAddress: "198.51.100.20", Location: "Utrecht, 09, Netherlands", Latitude: 52.0908, Longitude: 5.1222}
	default:
		return systemInfo{Client: "Microsoft Outlook 16.0", IPAddress: "192.0.2." + itoa(author%250+1), Location: "Leeds, ENG, United Kingdom", Latitude: 53.8, Longitude: -1.55}
	}
}
