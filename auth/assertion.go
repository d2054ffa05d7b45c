package auth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/sightglass-gateway/sightglass/connectors"
	"github.com/sightglass-gateway/sightglass/records"
)

// assertionType is that of RFC 7523, section 2.2.
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// assertionLife is how long an assertion is good for: five minutes, as Talkdesk's page on signed JWTs
// says. A new one is made for each request.
const assertionLife = 5 * time.Minute

// identify makes the client of a token request prove itself in the way that the Spec names.
func (k *Keeper) identify(c *clientcredentials.Config, spec connectors.Spec, row records.Link, secret records.Secret) error {
	switch connectors.ClientAuth(spec.Expand(spec.OAuth.ClientAuth, row.Settings)) {
	case connectors.ClientAuthBasic:
		c.AuthStyle, c.ClientSecret = oauth2.AuthStyleInHeader, secret.Reveal()
	case connectors.ClientAuthJWT:
		signed, err := assertion(secret, row.ClientID, c.TokenURL, spec.Expand(spec.OAuth.KeyID, row.Settings), k.cfg.Now())
		if err != nil {
			return k.badKey(row, err)
		}
		c.EndpointParams.Set("client_assertion_type", assertionType)
		c.EndpointParams.Set("client_assertion", signed)
	default:
		c.ClientSecret = secret.Reveal()
	}
	return nil
}

// badKey: the private key is of no use, so that nothing was sent.
func (k *Keeper) badKey(row records.Link, err error) error {
	return &refusal{reason: ReasonClientRefused, err: &connectors.Error{
		Code: connectors.CodeNeedsReconnect, Provider: row.Provider, Op: opToken,
		Action: "Put the client's private key in again: an EC key on P-256, as PEM or as base64 of PKCS#8.", Err: err,
	}}
}

var pemMark = regexp.MustCompile(`-----(BEGIN|END) [A-Z ]*PRIVATE KEY-----`)

var errNoKey = errors.New("auth: the client's private key is no EC key on P-256")

// assertion is a JWT by which a client proves itself: ES256, with r and s as 32 bytes each (RFC 7518,
// section 3.4), not the DER that other uses of ECDSA have.
func assertion(key records.Secret, client, audience, kid string, now time.Time) (string, error) {
	private, err := privateKey(key)
	if err != nil {
		return "", err
	}
	header := map[string]string{"alg": "ES256", "typ": "JWT"}
	if kid != "" {
		header["kid"] = kid
	}
	head, err := encoded(header)
	if err != nil {
		return "", err
	}
	claims, err := encoded(map[string]any{
		"iss": client, "sub": client, "aud": audience, "jti": rand.Text(),
		"iat": now.Unix(), "exp": now.Add(assertionLife).Unix(),
	})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(head + "." + claims))
	r, s, err := ecdsa.Sign(rand.Reader, private, sum[:])
	if err != nil {
		return "", errNoKey
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return head + "." + claims + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

func encoded(v any) (string, error) {
	b, err := json.Marshal(v, json.Deterministic(true))
	return base64.RawURLEncoding.EncodeToString(b), err
}

// privateKey reads a key as providers hand it out: PEM, or the base64 of PKCS#8 on one line or several.
// What the parsers say is not passed on: it may quote the key.
func privateKey(s records.Secret) (*ecdsa.PrivateKey, error) {
	// Not by encoding/pem: a field of one line takes the line breaks out of what is pasted.
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(pemMark.ReplaceAllString(s.Reveal(), "")), ""))
	if err != nil {
		return nil, errNoKey
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil && key.Curve == elliptic.P256() {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errNoKey
	}
	if key, ok := parsed.(*ecdsa.PrivateKey); ok && key.Curve == elliptic.P256() {
		return key, nil
	}
	return nil, errNoKey
}
