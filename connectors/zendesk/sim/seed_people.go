package sim

import (
	"strings"
	"time"
)

func (d *data) seedCustomers(made time.Time) {
	for _, c := range []struct {
		id                  int64
		name, email, locale string
	}{
		{8001, "Paula Renner", "paula.renner@hollowpine.example", "en-GB"},
	} {
		d.person(c.id, c.name, c.email, c.locale, made)
	}
}

// localPart makes "Sofía Quintero" into "sofia.quintero".
func localPart(name string) string {
	return strings.NewReplacer(" ", ".", "á", "a", "è", "e", "é", "e", "í", "i", "ó", "o").Replace(strings.ToLower(name))
}

// system is what Zendesk notes of a sender. The addresses are those set aside for documentation.
func (d *data) system(author int64) systemInfo {
	if author >= firstAgent && author < firstCustomer {
		return systemInfo{Client: "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0", IPAddress: "198.51.100.20", Location: "Utrecht, 09, Netherlands", Latitude: 52.0908, Longitude: 5.1222}
	}
	if author < firstCustomer {
		return systemInfo{}
	}
	return systemInfo{Client: "Microsoft Outlook 16.0", IPAddress: "192.0.2." + itoa(author%250+1), Location: "Leeds, ENG, United Kingdom", Latitude: 53.8, Longitude: -1.55}
}
