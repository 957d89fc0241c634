/** Pay-i's own address. */
export const PAYI_URL = 'https://api.pay-i.com';
