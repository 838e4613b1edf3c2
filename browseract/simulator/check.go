package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// endpoint is what the API's description says of an endpoint, and its handler.
type endpoint struct {
	method string
	query  []param
	body   []param // nil: takes no body
	serve  func(*Account, *call) answer
}

// param is a query parameter or a member of a body.
type param struct {
	name     string
	form     form
	required bool
	min, max int64 // of an integer
	maxLen   int   // of a text, in characters; 0: any
}

// form is what a value looks like.
type form string

const (
	formText     form = "string"
	formInteger  form = "integer"
	formBoolean  form = "boolean"
	formInputs   form = "array"     // of name and value, body only
	formStatus   form = "status"    // a task's
	formTime     form = "timestamp" // ISO 8601 with a zone
	formCallback form = "callback"  // a public http or https URL
)

const (
	maxBody     = 4 << 20
	maxCallback = 2048
)

// check looks for anything in the request that the API's description does not
// allow.
func (e endpoint) check(r *http.Request, body []byte) *refusal {
	if err := e.checkQuery(r.URL.RawQuery); err != nil {
		return badRequest("%v", err)
	}
	if e.body == nil {
		if len(body) > 0 {
			return badRequest("%s takes no body", r.Method)
		}
		return nil
	}
	if err := checkMediaType(r.Header); err != nil {
		return &refusal{status: http.StatusUnsupportedMediaType, code: http.StatusUnsupportedMediaType, msg: err.Error()}
	}
	if err := e.checkBody(body); err != nil {
		return badRequest("%v", err)
	}
	return nil
}

func checkMediaType(h http.Header) error {
	mediaType, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return fmt.Errorf("Content-Type %q not supported", h.Get("Content-Type"))
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return fmt.Errorf("charset %q not supported", charset)
	}
	if h.Get("Content-Encoding") != "" {
		return fmt.Errorf("Content-Encoding %q not supported", h.Get("Content-Encoding"))
	}
	return nil
}

func (e endpoint) checkQuery(raw string) error {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if len(values[name]) > 1 {
			return fmt.Errorf("query parameter %q is given twice", name)
		}
	}
	return checkMembers("query parameter", e.query, values, func(p param, v []string) error { return p.checkText(v[0]) })
}

func (e endpoint) checkBody(body []byte) error {
	if !utf8.Valid(body) {
		return errors.New("body is not UTF-8")
	}
	members, err := decodeObject(body)
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	return checkMembers("member", e.body, members, param.checkJSON)
}

// checkMembers checks names against the known ones, then each value.
func checkMembers[V any](what string, known []param, given map[string]V, check func(param, V) error) error {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.ContainsFunc(known, func(p param) bool { return p.name == name }) {
			return fmt.Errorf("unknown %s %q", what, name)
		}
	}
	for _, p := range known {
		v, ok := given[p.name]
		if !ok && p.required {
			return fmt.Errorf("%s %q is required", what, p.name)
		}
		if !ok {
			continue
		}
		if err := check(p, v); err != nil {
			return fmt.Errorf("%s %q %w", what, p.name, err)
		}
	}
	return nil
}

// checkText checks a value that came as text.
func (p param) checkText(v string) error {
	if !utf8.ValidString(v) {
		return errors.New("is not UTF-8")
	}
	if p.maxLen > 0 && utf8.RuneCountInString(v) > p.maxLen {
		return fmt.Errorf("is longer than %d characters", p.maxLen)
	}
	switch p.form {
	case formInteger:
		return p.checkInteger(v)
	case formStatus:
		return checkStatus(v)
	case formTime:
		_, err := time.Parse(time.RFC3339, v)
		return err
	case formCallback:
		return checkCallback(v)
	}
	if p.required && v == "" {
		return errors.New("is empty")
	}
	return nil
}

func (p param) checkInteger(v string) error {
	n, err := strconv.ParseInt(v, 10, 32)
	if err != nil {
		return fmt.Errorf("%q is no integer", v)
	}
	if n < p.min || n > p.max {
		return fmt.Errorf("%d is not between %d and %d", n, p.min, p.max)
	}
	return nil
}

func checkStatus(v string) error {
	if !slices.Contains(statuses(), v) {
		return fmt.Errorf("%q is no status", v)
	}
	return nil
}

// checkCallback looks for what the API promises to refuse: other schemes, and
// addresses that are not public.
func checkCallback(v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("is no http or https URL")
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if u.Hostname() == "localhost" || err == nil && (!ip.IsGlobalUnicast() || ip.IsPrivate()) {
		return errors.New("is not publicly reachable")
	}
	return nil
}

// checkJSON checks a value that came as JSON.
func (p param) checkJSON(raw json.RawMessage) error {
	switch p.form {
	case formBoolean:
		if s := string(raw); s != "true" && s != "false" {
			return errors.New("is no boolean")
		}
		return nil
	case formInputs:
		return checkInputs(raw)
	}
	if raw[0] != '"' {
		return errors.New("is no string")
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	return p.checkText(s)
}

func checkInputs(raw json.RawMessage) error {
	if raw[0] != '[' {
		return errors.New("is no array")
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return err
	}
	for i, item := range items {
		members, err := decodeObject(item)
		if err == nil {
			err = checkMembers("member", inputMembers(), members, param.checkJSON)
		}
		if err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
	}
	return nil
}

// decodeObject reads exactly one JSON object and refuses a name given twice.
func decodeObject(data []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("is no JSON object")
	}
	members := map[string]json.RawMessage{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("is no valid JSON: %w", err)
		}
		if _, twice := members[name.(string)]; twice {
			return nil, fmt.Errorf("has %q twice", name)
		}
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			return nil, fmt.Errorf("is no valid JSON: %w", err)
		}
		members[name.(string)] = v
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("is no valid JSON: %w", err)
	}
	if dec.InputOffset() != int64(len(bytes.TrimRight(data, " \t\r\n"))) {
		return nil, errors.New("goes on after its end")
	}
	return members, nil
}
