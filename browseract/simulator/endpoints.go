package simulator

import (
	"math"
	"net/http"
	"strings"
)

// endpointTable is the API's description: what each endpoint takes.
func endpointTable() map[string]endpoint {
	const get, put, post = http.MethodGet, http.MethodPut, http.MethodPost
	taskID := identifier("task_id")
	bizCode := param{name: "biz_code", form: formInteger, min: math.MinInt32, max: math.MaxInt32}
	keyword := param{name: "keyword", form: formText}
	page := param{name: "page", form: formInteger, min: 1, max: math.MaxInt32}
	limit := param{name: "limit", form: formInteger, min: 1, max: 500}
	return map[string]endpoint{
		"run-task": {method: post, serve: (*call).runTask, body: runMembers("workflow_id",
			param{name: "save_browser_data", form: formBoolean},
			param{name: "profile_id", form: formText},
			param{name: "open_incognito_mode", form: formBoolean})},
		"run-task-by-template": {method: post, serve: (*call).runTemplate, body: runMembers("workflow_template_id",
			param{name: "proxyRegion", form: formText})},

		"get-task-status": {method: get, query: []param{taskID}, serve: (*call).getTaskStatus},
		"get-task":        {method: get, query: []param{taskID}, serve: (*call).getTask},
		"list-tasks":      {method: get, query: append(taskFilters(), page, limit), serve: (*call).listTasks},
		"resume-task":     {method: put, query: []param{taskID}, serve: (*call).resumeTask},
		"stop-task":       {method: put, query: []param{taskID, bizCode}, serve: (*call).stopTask},

		"list-workflows": {method: get, query: []param{page, limit}, serve: (*call).listWorkflows},
		"get-workflow":   {method: get, query: []param{identifier("workflow_id")}, serve: (*call).getWorkflow},

		"list-official-workflow-templates": {method: get, query: []param{keyword, page, limit}, serve: (*call).listTemplates},
		"get-official-workflow-template":   {method: get, query: []param{identifier("workflow_template_id")}, serve: (*call).getTemplate},
		"get-region-list":                  {method: get, serve: (*call).getRegions},
	}
}

func identifier(name string) param {
	return param{name: name, form: formText, required: true}
}

// runMembers are the members of a run's body: the id, what both runs take, and more.
func runMembers(id string, more ...param) []param {
	return append([]param{
		identifier(id),
		{name: "input_parameters", form: formInputs},
		{name: "callback_url", form: formCallback, maxLen: maxCallback},
		{name: "status_change_callback_url", form: formCallback, maxLen: maxCallback},
	}, more...)
}

func taskFilters() []param {
	return []param{
		{name: "status", form: formStatus},
		{name: "workflow_id", form: formText},
		{name: "workflow_name", form: formText},
		{name: "created_at_from", form: formTime},
		{name: "created_at_to", form: formTime},
	}
}

// A region is a country that a template's task can appear to come from.
type region struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

// regions are the supported ones, with the API's codes: UK, not GB.
func regions() []region {
	var list []region
	for pair := range strings.SplitSeq("US United States,UK United Kingdom,DE Germany,FR France,JP Japan,KR South Korea,"+
		"SG Singapore,HK Hong Kong,TW Taiwan,IN India,AU Australia,CA Canada,BR Brazil,MX Mexico,ES Spain,IT Italy,"+
		"NL Netherlands,SE Sweden,PL Poland,TR Turkey", ",") {
		code, name, _ := strings.Cut(pair, " ")
		list = append(list, region{name, code})
	}
	return list
}
