package gateway

import "encoding/base64"

// HandlePrefix is the prefix of handles.
const HandlePrefix = handlePrefix

// EncodeHandle makes a handle's text of what was sealed.
func EncodeHandle(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
