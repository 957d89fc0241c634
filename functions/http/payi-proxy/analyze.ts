import { proxyAnalyzeByPathRoute, proxyAnalyzeRoute } from '../../../shared/api/gateways/payi-proxy.ts';
import { proxyAnalyze } from '../../../shared/gateways/payi-proxy/analyze.ts';
import { analyzeBody } from '../../../shared/gateways/payi-proxy/bodies.ts';
import { proxyFailure } from '../../../shared/gateways/payi-proxy/errors.ts';
import { proxied, proxiedByPath } from '../../../shared/gateways/payi-proxy/run.ts';
import { serveGateway } from '../../services/serve.ts';

serveGateway(proxyAnalyzeRoute, proxyFailure, proxied(analyzeBody, proxyAnalyze));
serveGateway(proxyAnalyzeByPathRoute, proxyFailure, proxiedByPath(analyzeBody, proxyAnalyze));
