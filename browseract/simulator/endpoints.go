package simulator

import (
	"errors"
	"net/netip"
	"net/url"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// An endpoint is what the API's description says of it, and its handler.
type endpoint struct {
	method string
	query  *jsonschema.Schema
	body   *jsonschema.Schema // nil: takes no body
	serve  func(*call) answer
}

// endpoints are those of data/endpoints.yaml. No account changes them.
var endpoints = sync.OnceValue(func() map[string]endpoint {
	var described map[string]any
	decode("endpoints.yaml", &described)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	compiler.RegisterFormat(&jsonschema.Format{Name: "callback", Validate: checkCallback})
	if err := compiler.AddResource("endpoints", described); err != nil {
		panic("simulator: endpoints.yaml: " + err.Error())
	}
	all := map[string]endpoint{}
	for name, serve := range handlers() {
		members := described[name].(map[string]any)
		e := endpoint{method: members["method"].(string), serve: serve, query: compiler.MustCompile("endpoints#/" + name + "/query")}
		if members["body"] != nil {
			e.body = compiler.MustCompile("endpoints#/" + name + "/body")
		}
		all[name] = e
	}
	return all
})

func handlers() map[string]func(*call) answer {
	return map[string]func(*call) answer{
		"run-task":                         (*call).runTask,
		"run-task-by-template":             (*call).runTemplate,
		"get-task-status":                  (*call).getTaskStatus,
		"get-task":                         (*call).getTask,
		"list-tasks":                       (*call).listTasks,
		"resume-task":                      (*call).resumeTask,
		"stop-task":                        (*call).stopTask,
		"list-workflows":                   (*call).listWorkflows,
		"get-workflow":                     (*call).getWorkflow,
		"list-official-workflow-templates": (*call).listTemplates,
		"get-official-workflow-template":   (*call).getTemplate,
		"get-region-list":                  (*call).getRegions,
	}
}

// checkCallback refuses other schemes, and addresses that are not public.
func checkCallback(v any) error {
	text, _ := v.(string) // the type is checked apart
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("not an http or https URL")
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if u.Hostname() == "localhost" || err == nil && (!ip.IsGlobalUnicast() || ip.IsPrivate()) {
		return errors.New("not publicly reachable")
	}
	return nil
}

// A region is a country that a template's task can appear to come from.
type region struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

// regions are the supported ones, with the API's codes: UK, not GB.
var regions = sync.OnceValue(func() (list []region) {
	decode("regions.yaml", &list)
	return list
})
