import { proxyTrailFinderByPathRoute, proxyTrailFinderRoute } from '../../../shared/api/gateways/payi-proxy.ts';
import { trailFinderBody } from '../../../shared/gateways/payi-proxy/bodies.ts';
import { proxyFailure } from '../../../shared/gateways/payi-proxy/errors.ts';
import { proxied, proxiedByPath } from '../../../shared/gateways/payi-proxy/run.ts';
import { proxyTrailFinder } from '../../../shared/gateways/payi-proxy/trail-finder.ts';
import { serveGateway } from '../../services/serve.ts';

serveGateway(proxyTrailFinderRoute, proxyFailure, proxied(trailFinderBody, proxyTrailFinder));
serveGateway(proxyTrailFinderByPathRoute, proxyFailure, proxiedByPath(trailFinderBody, proxyTrailFinder));
