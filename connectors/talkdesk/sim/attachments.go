package sim

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"time"
)

// attachment is a file of a digital conversation. Talkdesk does not look into it for malware.
type attachment struct {
	id, name, kind string
	content        []byte
}

// attachmentLife is how long a download link is good for, in seconds.
const attachmentLife = 600

func (s *Sim) showAttachment(w http.ResponseWriter, r *http.Request) {
	a := s.data.files[r.PathValue("id")]
	if a == nil {
		s.notFound(w, r)
		return
	}
	path := "/attachments/2023-03/" + a.id
	s.reply(w, http.StatusOK, map[string]any{
		"id": a.id, "name": a.name, "state": "uploaded", "size": len(a.content), "type": a.kind,
		"_links": map[string]any{"self": s.href(path), "download_link": s.href(path + "/download-link")},
	})
}

func (s *Sim) showDownload(w http.ResponseWriter, r *http.Request) {
	a := s.data.files[r.PathValue("id")]
	if a == nil {
		s.notFound(w, r)
		return
	}
	s.reply(w, http.StatusOK, map[string]any{"url": s.signedURL("/attachments/"+a.id, attachmentLife*time.Second), "expire_time": attachmentLife})
}

// picture is a bank statement as far as one can tell from afar.
func picture() []byte {
	img := image.NewGray(image.Rect(0, 0, 320, 200))
	for n := range img.Pix {
		img.Pix[n] = 0xf4
	}
	for line := range 9 {
		for x := 24; x < 120+(line*53)%170; x++ {
			for y := range 4 {
				img.SetGray(x, 24+line*18+y, color.Gray{Y: 0x50})
			}
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img) // to memory
	return b.Bytes()
}
