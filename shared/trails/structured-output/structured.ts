/**
 * Whether a model takes `output_config.format`. Structured outputs came with the 4.5 models; ids before them either
 * start with the version (`claude-3-…`) or name 4.0 or 4.1.
 */
export function takesStructuredOutput(model: string): boolean {
  const match = /^claude-[a-z]+-(\d+)(?:-(\d{1,2}))?(?:-|$)/.exec(model);
  if (!match) return false;
  const major = Number(match[1]);
  return major > 4 || (major === 4 && Number(match[2] ?? 0) >= 5);
}
