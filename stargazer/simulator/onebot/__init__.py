"""The simulated QQ, behind an adapter that speaks OneBot v11 as NapCat does."""
