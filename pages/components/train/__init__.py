"""The Train page: the form of a race, the race as it goes on."""
