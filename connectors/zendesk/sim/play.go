package sim

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// play gives the answer: the host's own, or what the fault puts in its place.
func (s *Sim) play(w *response, r *http.Request, next http.HandlerFunc) {
	w.wantZip = s.o.Gzip && strings.HasPrefix(r.URL.Path, "/api/")
	if w.fault == nil || !s.instead(w, r) {
		if w.is(FaultNoRange) {
			r.Header.Del("Range")
		}
		next(w, r)
	}
}

// instead answers for the faults that replace the answer, and tells whether it did.
func (s *Sim) instead(w *response, r *http.Request) bool {
	s.commonHeaders(w)
	switch w.fault.Kind {
	case FaultRateJSON, FaultRateText:
		s.tooMany(w, w.fault)
	case FaultUnavailable:
		setRetryAfter(w, w.fault.RetryAfter, s.now())
		s.problem(w, http.StatusServiceUnavailable, "ServiceUnavailable", "The service is temporarily unavailable")
	case FaultHTML502:
		writeHTML(w, http.StatusBadGateway, edgePage)
	case FaultHTML503:
		setRetryAfter(w, w.fault.RetryAfter, s.now())
		writeHTML(w, http.StatusServiceUnavailable, maintenancePage)
	case FaultHTML200:
		writeHTML(w, http.StatusOK, maintenancePage)
	case FaultSuspended:
		writeHTML(w, http.StatusForbidden, shutPage)
	case FaultNoAccount:
		writeHTML(w, http.StatusNotFound, nobodyPage)
	case FaultLoginPage:
		writeHTML(w, http.StatusOK, loginPage)
	case FaultServerError:
		s.reply(w, http.StatusInternalServerError, serverError{Status: 500, Error: s.marked("Internal Server Error")})
	case FaultConflict:
		s.problem(w, http.StatusConflict, "DatabaseConflict", "Database collision")
	case FaultUnauthorized:
		s.killToken(r)
		s.invalidToken(w)
	case FaultRedirect:
		w.Header().Set("Location", s.redirectTarget(w.fault.To, r))
		w.WriteHeader(http.StatusFound)
	case FaultReset:
		w.cutByUs = true
		panic(http.ErrAbortHandler)
	default:
		return false
	}
	return true
}

func (s *Sim) redirectTarget(to string, r *http.Request) string {
	switch to {
	case "attacker", "":
		return s.hosts[HostAttacker].url() + "/steal"
	case "foreign":
		return s.foreignURL("/photo/doorstep.png")
	case "private":
		return "http://10.11.12.13/latest/meta-data/"
	case "http":
		return "http://" + cdnName + "/attachment/1/plain?token=none"
	case "loop":
		return s.canonical(r.URL.RequestURI())
	default:
		return to
	}
}

// setRetryAfter writes the header in one of its forms; see Fault.RetryAfter.
func setRetryAfter(w http.ResponseWriter, v string, now time.Time) {
	switch v {
	case "":
	case "date":
		w.Header().Set("Retry-After", now.Add(30*time.Second).Format(http.TimeFormat))
	default:
		w.Header().Set("Retry-After", v)
	}
}

// tooMany is a 429 in the form that f asks for.
func (s *Sim) tooMany(w *response, f *Fault) {
	setRetryAfter(w, f.RetryAfter, s.now())
	left := strconv.Itoa(f.Remaining)
	s.rateHeaders(w.Header(), s.o.PerMinute, f.Remaining, 30)
	if f.Kind == FaultRateText {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte("You have exceeded the rate limit for this account. " + s.marked("Remaining: "+left) + "\n"))
		return
	}
	s.problem(w, http.StatusTooManyRequests, "APIRateLimitExceeded", "Number of allowed API requests per minute exceeded")
}

const (
	edgePage = `<!DOCTYPE html>
<html lang="en"><head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>cloudflare</center></body></html>
`
	maintenancePage = `<!DOCTYPE html>
<html lang="en"><head><title>We'll be right back</title></head>
<body><h1>This help desk is being maintained</h1><p>We expect to be back within the hour. Please try again later.</p></body></html>
`
	shutPage = `<!DOCTYPE html>
<html lang="en"><head><title>Account suspended</title></head>
<body><h1>This help desk is closed</h1><p>The account was suspended, or its trial is over.</p></body></html>
`
	nobodyPage = `<!DOCTYPE html>
<html lang="en"><head><title>No such help desk</title></head>
<body><h1>No help desk lives here</h1></body></html>
`
	loginPage = `<!DOCTYPE html>
<html lang="en"><head><title>Sign in</title></head>
<body><h1>Sign in to Acme</h1><form action="/access/login" method="post"><label>Email <input name="user[email]" type="email"></label>
<label>Password <input name="user[password]" type="password"></label><button>Sign in</button></form></body></html>
`
)
