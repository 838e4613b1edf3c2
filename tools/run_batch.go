package tools

import (
	"context"
	"fmt"
	"strings"

	"github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/problem"
)

type runBatchInput struct {
	WorkflowID  schemas.ID       `json:"workflow_id,omitempty"`
	TemplateID  schemas.ID       `json:"template_id,omitempty" jsonschema_description:"Instead of workflow_id"`
	Rows        []schemas.Inputs `json:"rows" jsonschema:"minItems=1,maxItems=100" jsonschema_description:"The inputs of each run, names as get_workflow or get_template tells them"`
	MaxParallel int              `json:"max_parallel,omitempty" jsonschema:"minimum=1,maximum=20,default=5" jsonschema_description:"Runs at a time, as far as the account allows"`
	Region      string           `json:"region,omitempty" jsonschema:"maxLength=40" jsonschema_description:"For a template"`
	ProfileID   schemas.ID       `json:"profile_id,omitempty" jsonschema_description:"For a workflow"`
	waitInput
	guardInput
}

func runBatch(t *toolset) server.ServerTool {
	return define(t, spec{
		name:  "run_batch",
		title: "Run batch",
		description: "Run one workflow or template for up to 100 rows of inputs. Costs credits for every row, also when it fails. " +
			"Rows wait for their turn and start by themselves; follow them with get_batch instead of running again.",
		effects: effects{readOnly: false, destructive: true, idempotent: false, openWorld: true},
	}, t.runBatch)
}

func (t *toolset) runBatch(ctx context.Context, in runBatchInput) (schemas.Batch, error) {
	d, err := t.draftBatch(ctx, in)
	if err != nil {
		return schemas.Batch{}, err
	}
	v, known, err := t.openBatch(ctx, d)
	if err != nil {
		return schemas.Batch{}, err
	}
	v.warn(d.warning)
	if !known {
		v.warn(t.hire(ctx, v))
	}
	result := t.attend(ctx, v, in.waitInput, schemas.QuorumAll)
	result.Deduplicated = known
	return result, nil
}

// draftBatch checks all rows before anything is written down.
func (t *toolset) draftBatch(ctx context.Context, in runBatchInput) (*draft, error) {
	if t.Ledger == nil {
		return nil, noBatches()
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	rows, region, err := t.batchInputs(ctx, in)
	if err != nil {
		return nil, err
	}
	d := &draft{
		caller:     t.Caller(ctx),
		workflowID: string(in.WorkflowID),
		templateID: string(in.TemplateID),
		key:        in.IdempotencyKey,
		settings: batchSettings{
			Region:         region,
			ProfileID:      string(in.ProfileID),
			AllowDuplicate: in.AllowDuplicate,
			MaxParallel:    in.MaxParallel,
		},
	}
	if d.warning, err = t.Policy.permit(d.start(nil)); err != nil {
		return nil, err
	}
	return d, d.fill(rows)
}

func (in runBatchInput) check() error {
	switch {
	case (in.WorkflowID == "") == (in.TemplateID == ""):
		return invalidBatch("Send either workflow_id or template_id.")
	case in.WorkflowID != "" && in.Region != "":
		return invalidBatch("region is for templates only; leave it out.")
	case in.TemplateID != "" && in.ProfileID != "":
		return invalidBatch("profile_id is for workflows only; leave it out.")
	}
	return nil
}

func invalidBatch(what string) error {
	return &problem.Error{Code: problem.CodeInvalidArguments, Message: "Nothing was started. " + what}
}

// batchInputs reads the definition and the regions, and holds every row against
// them.
func (t *toolset) batchInputs(ctx context.Context, in runBatchInput) (rows [][]browseract.Input, region string, err error) {
	ctx, cancel := context.WithTimeout(ctx, call.ForDefinition)
	defer cancel()
	owner, params, err := t.parameters(ctx, in)
	if err != nil {
		return nil, "", err
	}
	if rows, err = checkRows(owner, params, in.Rows); err != nil {
		return nil, "", err
	}
	region, err = t.checkRegion(ctx, in.Region)
	return rows, region, problem.NotStarted(err)
}

// parameters returns what the workflow or template takes, and the word for it.
func (t *toolset) parameters(ctx context.Context, in runBatchInput) (owner string, params []browseract.Parameter, err error) {
	if in.TemplateID != "" {
		tpl, err := t.Client.RecentTemplate(ctx, string(in.TemplateID))
		return "template", tpl.Inputs, problem.WithNext(problem.NotStarted(err), findTemplate())
	}
	w, err := t.Client.RecentWorkflow(ctx, string(in.WorkflowID))
	return "workflow", w.Inputs, problem.WithNext(problem.NotStarted(err), findWorkflow())
}

// maxRowsNamed is how many wrong rows an error tells of.
const maxRowsNamed = 10

// checkRows returns the inputs of each row, or an error that names the rows whose
// inputs are wrong.
func checkRows(owner string, params []browseract.Parameter, rows []schemas.Inputs) ([][]browseract.Input, error) {
	var wrong []string
	checked := make([][]browseract.Input, len(rows))
	for i, row := range rows {
		var problems []string
		if checked[i], problems = matchInputs(params, row); len(problems) > 0 {
			wrong = append(wrong, fmt.Sprintf("Row %d: %s", i+1, strings.Join(problems, " ")))
		}
	}
	if len(wrong) == 0 {
		return checked, nil
	}
	if more := len(wrong) - maxRowsNamed; more > 0 {
		wrong = append(wrong[:maxRowsNamed], fmt.Sprintf("%d more rows are wrong too.", more))
	}
	return nil, &problem.Error{
		Code:    problem.CodeInvalidInputs,
		Message: fmt.Sprintf("Nothing was started. %s %s Correct the rows and call again.", strings.Join(wrong, " "), takesText(owner, params)),
	}
}
