const names: Readonly<Record<string, string>> = {
  'system.anthropic': 'Anthropic',
  'system.openai': 'OpenAI',
  'system.google.vertex': 'Google',
  'system.azure': 'Microsoft',
  'system.azureopenai': 'Microsoft',
  'system.aws.bedrock': 'AWS',
  xai: 'xAI',
};

/** The provider that bills calls of a category of Pay-i; a category that is not known stands for itself. */
export const providerNameOf = (category: string): string => names[category] ?? category;
