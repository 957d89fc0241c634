/** What an error means to a caller, and the statuses that it comes with. */
export interface ErrorMeaning {
  statuses: readonly number[];
  /** A sentence for the reader of the API's description. */
  meaning: string;
}

const means = (statuses: number | readonly number[], meaning: string): ErrorMeaning => ({
  statuses: typeof statuses === 'number' ? [statuses] : statuses,
  meaning,
});

/**
 * Every code that a caller can get. Codes are stable: programs match on them, and texts may change. A test compares this list with
 * the errors in the code, and each answer of the tests with the statuses here.
 */
export const errorCodes: Readonly<Record<string, ErrorMeaning>> = {
  // Requests
  invalid_request: means([400, 422], 'The request is wrong; `details.fields` names each field and its problem.'),
  no_headers: means(400, 'The request has no headers: something in it is called `headers`.'),
  forged_headers: means(400, 'A query parameter or a member of the body is called `headers`.'),
  body_broken_off: means(400, 'The body ended too early.'),
  not_authenticated: means(401, 'There is no credential, or the key is wrong.'),
  invalid_credential: means(401, 'The token, session or access key is not valid; the text says why.'),
  idempotency_key_reused: means(409, 'The `Idempotency-Key` was sent with another request.'),
  idempotency_running: means(409, 'The first request with this `Idempotency-Key` is still under way. Try again later.'),
  idempotency_answer_lost: means(409, 'The first answer of this `Idempotency-Key` is not available. Use a new key.'),
  idempotency_unavailable: means(400, 'The app keeps no answers, so it takes no `Idempotency-Key`.'),
  admin_only: means(403, 'The caller must be an admin.'),
  key_not_allowed: means(403, 'The access key is valid, but not for this; `details.kind` says for what.'),
  key_exists: means(409, 'There is or was an access key of this name.'),
  key_revoked: means(409, 'The access key was revoked, which is final.'),
  key_has_two_secrets: means(409, 'The access key has two valid secrets already.'),
  foreign_origin: means(403, 'A session was sent by a page of an origin that is not allowed.'),
  not_from_script: means(403, 'A signed-in browser must send `x-requested-with` with what it changes.'),
  not_found: means(404, 'There is no such path, instance or object, or it is another user’s.'),
  not_supported: means(404, 'The gateway does not pass this path of the provider’s API.'),
  method_not_allowed: means(405, 'The path has other methods; `details.allowed` names them.'),
  request_too_large: means(413, 'The body is too large; `details.maxBytes` is the most.'),
  unsupported_content_type: means(415, 'The body has another type than the route takes.'),
  unsupported_content_encoding: means(415, 'The body must be sent without `Content-Encoding`.'),
  busy: means(503, 'Other large requests take the memory. Try again after `Retry-After`.'),
  identity_unavailable: means(503, 'The issuer’s signing keys or the access keys cannot be read now. Try again.'),
  internal_error: means(500, 'Something unforeseen happened. The log has it under the request id.'),

  // Limits
  limit_reached: means(402, 'A block limit has no room for the call; `details` says what is left and when it resets.'),
  unbounded_request: means(400, 'The cost of the request has no upper bound; `details.member` says why.'),
  limits_unreadable: means(503, 'A limit cannot be read, so the call was not made. Try again.'),
  limit_not_found: means(404, 'There is no such limit or policy, or the caller may not see it.'),
  limit_exists: means(409, 'There is a policy of this name already.'),
  precondition_required: means(428, 'The header `If-Match` is missing; `details.etag` is what it must be now.'),
  provider_report_unavailable: means(502, 'The provider’s usage and cost report cannot be read. Try again later.'),
  precondition_failed: means(412, 'It was changed since it was read. Read it again; `details.etag` is that of now.'),
  change_overtaken: means(409, 'The change is not the last one, so it cannot be taken back.'),
  invalid_page: means(400, '`after` is not the `next` of a page.'),
  approval_not_found: means(404, 'There is no such approval, or it is of another user.'),
  approval_decided: means(409, 'The approval was decided, or it has ended; the text says which.'),
  override_not_found: means(404, 'The policy has no override for this user, account and so on.'),
  invalid_override: means(400, 'The policy can have no such override.'),
  too_many_overrides: means(400, 'There are as many overrides as there can be.'),
  too_many_changes: means(400, 'More policies differ than one request can change.'),
  limit_has_window: means(409, 'Only limits without a window can be reset.'),
  abandoned_differs: means(409, 'The held cost of dead calls is another one than the request says.'),
  invalid_correction: means(400, 'The correction is more than what was held.'),
  invalid_limit: means(400, 'The policy is not valid; the text names the members.'),
  invalid_threshold: means(400, 'The threshold must be 75 to 99 % of the maximum.'),

  // Models
  model_refused: means(422, 'The model declined. The same request would be declined again.'),
  provider_not_configured: means([400, 503], 'The app has no key for the provider of this model.'),
  model_not_found: means(404, 'No provider is configured for this model.'),
  unsupported_provider: means(400, 'There is no such provider.'),
  batch_not_confirmed: means([502, 504], 'The provider may have taken the batch, but gave no answer that says so.'),
  batch_being_metered: means(503, 'The results of the batch are being metered. Try again after `Retry-After`.'),
  thread_unsupported_request: means(400, 'Conversations that the provider keeps are not supported.'),
  model_request_refused: means([400, 413, 422, 502], 'The provider did not accept the request.'),
  request_rate_exceeded: means(429, 'The caller or its key makes too many requests. Try again after `Retry-After`.'),
  rate_limited: means(429, 'The provider’s rate limit is reached. Try again after `Retry-After`.'),
  answer_unreadable: means(502, 'The model’s answer cannot be read, nor could a second one.'),
  answer_unusable: means(502, 'The model gave no usable answer.'),
  too_many_instances: means(400, 'A use case has too many instances in this time. Ask for a shorter time.'),
  instances_not_indexed: means(503, 'The index of instances is behind the ledger. Try again after `Retry-After`.'),
  usage_changed: means(503, 'Usage was being added up again while it was read; repeat the request.'),
  web_search_failed: means(502, 'Web search failed, so there is nothing to answer with.'),
  model_failed: means(502, 'The provider failed.'),
  model_key_refused: means(502, 'The provider refused the key of the app.'),
  model_unavailable: means([404, 502], 'The provider does not have this model; 404 where the request names it.'),
  upstream_failed: means([502, 504], 'The provider could not be reached, or refused the key of the app.'),
  upstream_broken_off: means(502, 'The provider broke the answer off.'),
  model_account_limit: means(503, 'The provider’s account of the app has no budget.'),
  model_overloaded: means(503, 'The provider is busy. Try again after `Retry-After`.'),
  model_deadline: means(504, 'The model took too long.'),
  stream_idle: means(504, 'The answer stood still, so the call was ended.'),
  stream_unread: means(504, 'The answer was not read as it came, so the call was ended.'),

  // Events, tables and Pay-i
  event_not_durable: means(503, 'The usage could not be recorded, so the answer is withheld. Try again later.'),
  not_durable: means(503, 'Neither Service Bus nor Table Storage took the event. Try again later.'),
  event_too_large: means(413, 'The event is larger than a message may be. Shorten its properties.'),
  queue_unavailable: means(503, 'Service Bus did not show its queue in time. Try again later.'),
  dead_letter_not_found: means(404, 'There is no such dead letter.'),
  row_exists: means(409, 'Another request made the same object at the same time.'),
  row_changed: means(409, 'Another request changed the object at the same time. Read it and repeat.'),
  export_store_failed: means(503, 'The storage of exported files failed. Try again later.'),
  table_busy: means(503, 'Table Storage is busy. Try again later.'),
  table_uncertain: means(503, 'Table Storage gave no answer. Look whether the change happened.'),
  table_missing: means(503, 'A table was deleted. It must be restored, or made again with `npm run rebuild`.'),
  table_refused: means(500, 'Table Storage refused the request of the app.'),
  payi_rejected: means(502, 'Pay-i refused the request of the app.'),
  payi_uncertain: means(502, 'Pay-i gave no answer; the change may have happened.'),
  payi_unavailable: means(503, 'Pay-i is not available. Try again later.'),
};

/** The codes that come with a status, in the order of the list. */
export const codesOf = (status: number): string[] =>
  Object.entries(errorCodes).flatMap(([code, { statuses }]) => (statuses.includes(status) ? [code] : []));
