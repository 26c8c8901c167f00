"""Field commissions, agent KPIs, call quality and cost of recovery for collections teams."""
