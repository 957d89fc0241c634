/** That a call was made in a cheaper form, and why. */
export interface Fallback {
  /** The name of the policy whose limit had no room for the call as it was asked. */
  policy: string;
  /** The model that was asked for. */
  askedModel: string;
  /** The model that was called. */
  model: string;
  /** The most tokens of the answer, where that was lowered. */
  maxTokens?: number;
  /** The effort of reasoning, where that was lowered. */
  effort?: string;
}

/** `policy=daily-budget, asked=claude-opus-5-5, model=claude-haiku-5-5, max_tokens=800`. */
export const fallbackText = ({ policy, askedModel, model, maxTokens, effort }: Fallback): string =>
  [
    `policy=${policy}`,
    `asked=${askedModel}`,
    `model=${model}`,
    ...(maxTokens === undefined ? [] : [`max_tokens=${maxTokens}`]),
    ...(effort === undefined ? [] : [`effort=${effort}`]),
  ].join(', ');
