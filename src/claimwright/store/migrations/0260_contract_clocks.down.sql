drop table remittance.contract_clocks;
