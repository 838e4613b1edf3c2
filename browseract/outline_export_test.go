package browseract

// WithoutOutputs is what a page of tasks goes through before it is decoded.
var WithoutOutputs = withoutOutputs
