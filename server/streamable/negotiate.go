package streamable

import (
	"mime"
	"net/http"
	"strings"
)

const (
	mediaJSON   = "application/json"
	mediaStream = "text/event-stream"
)

// requirePost answers 405 to GET and DELETE: there are no streams and no sessions.
func requirePost(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", allowedMethods)
		refuse(w, nil, http.StatusMethodNotAllowed, errMethod)
		return
	}
	next.ServeHTTP(w, r)
}

// requireMedia answers 415 to a body not declared as JSON, such as a page can send without
// a preflight, and 406 where the client takes no JSON.
func requireMedia(w http.ResponseWriter, r *http.Request, next http.Handler) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != mediaJSON {
		refuse(w, nil, http.StatusUnsupportedMediaType, errContentType)
		return
	}
	if !accepts(r, mediaJSON) {
		refuse(w, nil, http.StatusNotAcceptable, errAccept)
		return
	}
	next.ServeHTTP(w, r)
}

// accepts reports whether the Accept header takes media, as a missing one does. The
// closest range decides: "*/*, text/event-stream;q=0" excludes streams.
func accepts(r *http.Request, media string) bool {
	header := strings.Join(r.Header.Values("Accept"), ",")
	if strings.TrimSpace(header) == "" {
		return true
	}
	kind, _, _ := strings.Cut(media, "/")
	ranges := make(map[string]bool)
	for item := range strings.SplitSeq(header, ",") {
		if name, params, err := mime.ParseMediaType(item); err == nil {
			ranges[name] = !isZeroQuality(params["q"])
		}
	}
	for _, name := range []string{media, kind + "/*", "*/*"} {
		if wanted, listed := ranges[name]; listed {
			return wanted
		}
	}
	return false
}

// isZeroQuality matches "0", "0.", "0.0" to "0.000".
func isZeroQuality(q string) bool {
	return strings.HasPrefix(q, "0") && strings.Trim(q, "0.") == ""
}
