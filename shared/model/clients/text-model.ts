/** A model that answers a text with a text, whoever provides it: what the judge needs. */
export interface TextModel {
  /** `anthropic`, `openai`, `google` or `xai`. */
  readonly provider: string;
  readonly model: string;
  complete(request: TextRequest): Promise<TextAnswer>;
}

export interface TextRequest {
  system: string;
  prompt: string;
  maxTokens: number;
  signal?: AbortSignal;
}

export interface TextAnswer {
  text: string;
  /** The model that really answered. */
  model: string;
  truncated: boolean;
  refused: boolean;
}
