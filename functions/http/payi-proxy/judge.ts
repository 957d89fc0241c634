import { proxyJudgeByPathRoute, proxyJudgeRoute } from '../../../shared/api/gateways/payi-proxy.ts';
import { judgeBody } from '../../../shared/gateways/payi-proxy/bodies.ts';
import { proxyFailure } from '../../../shared/gateways/payi-proxy/errors.ts';
import { proxyJudge } from '../../../shared/gateways/payi-proxy/judge.ts';
import { proxied, proxiedByPath } from '../../../shared/gateways/payi-proxy/run.ts';
import { serveGateway } from '../../services/serve.ts';

serveGateway(proxyJudgeRoute, proxyFailure, proxied(judgeBody, proxyJudge));
serveGateway(proxyJudgeByPathRoute, proxyFailure, proxiedByPath(judgeBody, proxyJudge));
