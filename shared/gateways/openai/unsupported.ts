import { RequestError } from '../../errors/request-errors.ts';

/** 404 for a path of OpenAI's API that the gateway does not pass, which says what it does. */
export const unsupportedOpenAiPath = (passed: readonly string[]): RequestError =>
  new RequestError('not_supported', `This path is not supported by this gateway. It passes ${passed.join(', ')}.`, {
    status: 404,
  });
